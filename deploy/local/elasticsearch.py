"""Elasticsearch as one node on loopback, never as root."""

from __future__ import annotations

import json
import pwd
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local import folders
from deploy.local.artifacts import Artifacts
from deploy.local.ports import Ports
from deploy.local.processes import Part, own_for

HEAP = "1g"
UNPRIVILEGED = "nobody"


def elasticsearch_part(artifacts: Artifacts, java_home: Path, data: Path, ports: Ports) -> Part:
    """The part; as root it runs as an unprivileged user who owns only its own folder."""
    user = pwd.getpwnam(UNPRIVILEGED).pw_uid if folders.is_root() else 0
    folder = own_for(data / "elasticsearch", user)
    config = own_for(folder / "config", user)
    for name in ("data", "logs", "tmp"):
        own_for(folder / name, user)
    for file in ("jvm.options", "log4j2.properties"):
        shutil.copyfile(artifacts.elasticsearch_home / "config" / file, config / file)
    (config / "elasticsearch.yml").write_text(_settings(folder, ports), encoding="utf-8")
    return Part(
        name="elasticsearch",
        command=(str(artifacts.elasticsearch_home / "bin" / "elasticsearch"),),
        environment={
            "ES_JAVA_HOME": str(java_home),
            "ES_PATH_CONF": str(config),
            "ES_TMPDIR": str(folder / "tmp"),
            "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP}",
            "HOME": str(folder),
        },
        ready=lambda: answers(f"http://127.0.0.1:{ports.elasticsearch}"),
        user=user,
        port=ports.elasticsearch,
        ready_within_s=300,
        stop_within_s=40,
    )


def answers(url: str) -> bool:
    """Whether the node holds its data (the root page is not in every build)."""
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:
            return bool(json.load(answer)["status"] in {"green", "yellow"})
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _settings(folder: Path, ports: Ports) -> str:
    settings = {
        "cluster.name": "roost-local",
        "node.name": "roost-1",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": ports.elasticsearch,
        "transport.port": ports.transport,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "xpack.security.enabled": False,
        "action.auto_create_index": "false",
        "cluster.routing.allocation.disk.watermark.low": "1gb",
        "cluster.routing.allocation.disk.watermark.high": "750mb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "500mb",
    }
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
