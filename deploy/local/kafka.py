"""Kafka as one KRaft process: broker and controller together, on loopback.

With security, clients use TLS with SCRAM-SHA-512 (RFC 5802, RFC 7677) and need ACLs. Broker and
controller identify each other by certificate.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.artifacts import Artifacts
from deploy.local.certificates import SERVER, write_secret
from deploy.local.child_environment import server_environment
from deploy.local.processes import Part
from deploy.local.security import ADMIN, ROOST, Security
from deploy.local.server_user import own_folder
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from producers.admin import broker_answers

CLUSTER_ID = "cm9vc3QtbG9jYWwtc3RhY2"  # any 22 characters of base64: one local cluster
HEAP, FIRST_HEAP = "512m", "128m"
LONGEST_TRANSACTION_MS = 60_000
"""Longest timeout that a partner's transaction may ask for: the clients' default. The broker's own
default would let a hanging partner hold up a partition for 15 minutes."""


def kafka_part(
    artifacts: Artifacts,
    java_home: Path,
    data: Path,
    ports: Ports,
    advertised: int | None = None,
    security: Security | None = None,
    user: int = 0,
    options: Sequence[str] = (),
) -> Part:
    """Return the part; new storage is formatted first.

    `advertised` is the port that clients are sent to when a proxy is in between. `user` is the one
    it runs as, 0 for the current one. `options` are those of the virtual machine.
    """
    folder = data / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    settings = broker_settings(folder / "log", ports, advertised or ports.kafka)
    if security is not None:
        settings |= _secured(folder, security, ports, advertised or ports.kafka)
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    write_secret(properties, text.encode())
    java = [str(java_home / "bin" / "java"), f"-Xmx{HEAP}", f"-Xms{FIRST_HEAP}", "-XX:+UseG1GC"]
    java += options
    java += ["-Djava.awt.headless=true", "-cp", f"{artifacts.kafka_jars}/*"]
    if not (folder / "log" / "meta.properties").exists():
        _format(java, properties, security)
    own_folder(folder, user)
    servers = f"127.0.0.1:{ports.kafka}" if security is None else security.brokers(ports, ADMIN)
    return Part(
        name="kafka",
        command=(*java, "kafka.Kafka", str(properties)),
        ready=lambda: broker_answers(servers),
        environment={"HOME": str(folder)},
        user=user,
        port=ports.kafka,
        stop_within_s=30,
    )


def _format(java: list[str], properties: Path, security: Security | None) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", "--standalone"]
    command += ["-t", CLUSTER_ID, "-c", str(properties)]
    if security is not None:
        for user, password in ((ADMIN, security.admin_password), (ROOST, security.roost_password)):
            command += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
    environment = server_environment(os.environ)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise CannotStart(f"Kafka's storage could not be made:\n{done.stdout}{done.stderr}")


def broker_settings(log: Path, ports: Ports, advertised: int) -> dict[str, object]:
    """Return the settings of a broker without security, by name."""
    controller = f"CONTROLLER://127.0.0.1:{ports.controller}"
    return {
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
        # Readers of committed records wait for a transaction that a partner leaves open.
        "transaction.max.timeout.ms": LONGEST_TRANSACTION_MS,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 2000,
        "log.retention.check.interval.ms": 300_000,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }


def _secured(folder: Path, security: Security, ports: Ports, advertised: int) -> dict[str, object]:
    """Return the settings that differ with security."""
    controller = f"CONTROLLER://127.0.0.1:{ports.controller}"
    store, authority = folder / "node.pem", folder / "ca.crt"
    parts = ("node.key", "node.crt", "ca.crt")
    write_secret(store, b"".join((security.folder / part).read_bytes() for part in parts))
    write_secret(authority, security.ca.read_bytes())
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'{scram} required username="{ADMIN}" password="{security.admin_password}";'
    return {
        "listeners": f"SASL_SSL://127.0.0.1:{ports.kafka},{controller}",
        "advertised.listeners": f"SASL_SSL://127.0.0.1:{advertised},{controller}",
        "listener.security.protocol.map": "CONTROLLER:SSL,SASL_SSL:SASL_SSL",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": login,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": store,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority,
        "listener.name.controller.ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{ADMIN};User:CN={SERVER}",
    }
