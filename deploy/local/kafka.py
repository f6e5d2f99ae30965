"""Kafka as one KRaft process: broker and controller together, on loopback."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.local.artifacts import Artifacts
from deploy.local.errors import CannotStart
from deploy.local.ports import Ports
from deploy.local.processes import Part
from producers.admin import broker_answers

CLUSTER_ID = "cm9vc3QtbG9jYWwtc3RhY2"  # any 22 characters of base64: one local cluster
HEAP = "512m"


def kafka_part(
    artifacts: Artifacts,
    java_home: Path,
    data: Path,
    ports: Ports,
    advertised: int | None = None,
) -> Part:
    """The part; its storage is formatted when it is new.

    `advertised` is the port that clients are sent to when something stands between.
    """
    folder = data / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    text = _properties(folder / "log", ports, advertised or ports.kafka)
    properties.write_text(text, encoding="utf-8")
    java = [str(java_home / "bin" / "java"), f"-Xmx{HEAP}", f"-Xms{HEAP}", "-XX:+UseG1GC"]
    java += ["-Djava.awt.headless=true", "-cp", f"{artifacts.kafka_jars}/*"]
    if not (folder / "log" / "meta.properties").exists():
        _format(java, properties)
    return Part(
        name="kafka",
        command=(*java, "kafka.Kafka", str(properties)),
        ready=lambda: broker_answers(f"127.0.0.1:{ports.kafka}"),
        port=ports.kafka,
        stop_within_s=30,
    )


def _format(java: list[str], properties: Path) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", "--standalone"]
    command += ["-t", CLUSTER_ID, "-c", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"Kafka's storage could not be made:\n{done.stdout}{done.stderr}")


def _properties(log: Path, ports: Ports, advertised: int) -> str:
    controller = f"CONTROLLER://127.0.0.1:{ports.controller}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{ports.controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{ports.kafka},{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{advertised},{controller}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": log,
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 6,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 2000,
        "log.retention.check.interval.ms": 300_000,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
