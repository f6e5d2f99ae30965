"""Elasticsearch as one node on loopback, never as root; optionally with TLS on both ports."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from deploy.local.artifacts import Artifacts
from deploy.local.certificates import write_secret
from deploy.local.jvm import QUICK
from deploy.local.processes import Part
from deploy.local.security import Security, elasticsearch_answers
from deploy.local.security_analysis import home_with_security, keep_password
from deploy.local.server_user import own_folder
from deploy.local.stack_ports import Ports

HEAP, FIRST_HEAP = "1g", "512m"
"""Largest and first heap. It grows when a large county needs it; a small one saves the memory."""
SECURED: dict[str, object] = {
    "xpack.security.enabled": True,
    "xpack.security.autoconfiguration.enabled": False,
    "xpack.security.http.ssl.enabled": True,
    "xpack.security.http.ssl.key": "node.key",
    "xpack.security.http.ssl.certificate": "node.crt",
    "xpack.security.transport.ssl.enabled": True,
    "xpack.security.transport.ssl.key": "node.key",
    "xpack.security.transport.ssl.certificate": "node.crt",
    "xpack.security.transport.ssl.certificate_authorities": "ca.crt",
    "xpack.security.transport.ssl.client_authentication": "required",
}


def elasticsearch_part(
    artifacts: Artifacts,
    java_home: Path,
    data: Path,
    ports: Ports,
    security: Security | None = None,
    user: int = 0,
    options: Sequence[str] = (),
) -> Part:
    """Return the part; `user` is the one it runs as, 0 for the current one.

    `options` are those of the virtual machine.
    """
    home, settings = artifacts.elasticsearch_home, _settings(data / "elasticsearch", ports)
    if security is not None:
        home = home_with_security(home, java_home)
    folder = data / "elasticsearch"
    config = folder / "config"
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for file in ("jvm.options", "log4j2.properties"):
        shutil.copyfile(home / "config" / file, config / file)
    if security is not None:
        settings |= SECURED
        _hand_over(security, config)
        keep_password(home, java_home, config, security.elastic_password)
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
    (config / "elasticsearch.yml").write_text(text, encoding="utf-8")
    own_folder(folder, user)
    return Part(
        name="elasticsearch",
        command=(str(home / "bin" / "elasticsearch"),),
        environment=_environment(folder, java_home, options),
        ready=lambda: (
            answers(f"http://127.0.0.1:{ports.elasticsearch}")
            if security is None
            else elasticsearch_answers(security, ports)
        ),
        user=user,
        port=ports.elasticsearch,
        ready_within_s=300,
        stop_within_s=40,
    )


def _environment(folder: Path, java_home: Path, options: Sequence[str]) -> dict[str, str]:
    tmp = str(folder / "tmp")
    # The launcher lives a second, and leaves a folder with its flags at each start. Its script
    # splits options at blanks.
    launcher = QUICK if " " in tmp else (*QUICK, f"-Djava.io.tmpdir={tmp}")
    return {
        "ES_JAVA_HOME": str(java_home),
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": tmp,
        "ES_JAVA_OPTS": " ".join((f"-Xms{FIRST_HEAP}", f"-Xmx{HEAP}", *options)),
        "CLI_JAVA_OPTS": " ".join(launcher),
        "HOME": str(folder),
    }


def answers(url: str) -> bool:
    """Return whether the node's data is available (not every build has a root page)."""
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:
            return bool(json.load(answer)["status"] in {"green", "yellow"})
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _settings(folder: Path, ports: Ports) -> dict[str, object]:
    return {
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


def _hand_over(security: Security, config: Path) -> None:
    """Copy the certificates into the node's folder, the only one it may read."""
    for name in ("ca.crt", "node.crt", "node.key"):
        write_secret(config / name, (security.folder / name).read_bytes())
