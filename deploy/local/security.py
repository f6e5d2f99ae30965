"""Security of a local stack: TLS, users and passwords, created once for a data folder.

Kafka: TLS and SCRAM-SHA-512 for clients, certificates between broker and controller, ACLs.
Elasticsearch: TLS on both its ports, and an API key for Roost that is limited to its own views.
"""

from __future__ import annotations

import json
import secrets
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deploy.local import certificates
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from producers.admin import grant
from roost.security.private_folders import private_folder
from roost.server_settings import KafkaProtocol
from roost.servers.connections import Brokers
from roost.views.role import role

ADMIN, ROOST = "admin", "roost"
"""Kafka users: the administrator, and Roost with only its own rights."""


@dataclass(frozen=True, slots=True)
class Security:
    """The secrets of one data folder."""

    folder: Path
    admin_password: str
    roost_password: str
    elastic_password: str

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    def brokers(self, ports: Ports, user: str = ROOST) -> Brokers:
        password = {ADMIN: self.admin_password, ROOST: self.roost_password}[user]
        return Brokers(
            f"127.0.0.1:{ports.kafka}",
            KafkaProtocol.SASL_SSL,
            ca=self.ca,
            username=user,
            password=SecretStr(password),
        )

    def api_key(self) -> str:
        """Return Roost's key for Elasticsearch; empty before `admit`."""
        file = self.folder / "elasticsearch-api.key"
        return file.read_text(encoding="ascii") if file.exists() else ""


def folder_of(data: Path) -> Path:
    return data / "keys" / "stack"


def security_of(data: Path) -> Security | None:
    """Return the folder's security; None for servers that are open to this machine."""
    file = folder_of(data) / "passwords.json"
    if not file.exists():
        return None
    return Security(folder_of(data), **json.loads(file.read_text(encoding="utf-8")))


def is_unused(data: Path) -> bool:
    """Return whether Kafka has never run in the folder, so that it can still be secured."""
    return not (data / "kafka" / "log" / "meta.properties").exists()


def secured(data: Path) -> Security:
    """Return the folder's security, created when it has none.

    Raises CannotStart for a folder that was used without security.
    """
    if (found := security_of(data)) is not None:
        return found
    if not is_unused(data):
        raise CannotStart(
            f"The stack in {data} was made without passwords and cannot be given them later; "
            "choose another folder with --data."
        )
    folder = private_folder(folder_of(data), within=folder_of(data).parent)
    certificates.make(folder)
    made = Security(folder, *(secrets.token_urlsafe(24) for _ in range(3)))
    stored = {name: value for name, value in asdict(made).items() if name != "folder"}
    certificates.write_secret(folder / "passwords.json", json.dumps(stored).encode())
    return made


def admit(security: Security, ports: Ports) -> None:
    """Create Roost's ACLs, role and API key on the running servers; idempotent."""
    grant(security.brokers(ports, ADMIN), ROOST)
    if not security.api_key():
        answer = _ask(security, ports, "/_security/api_key", _api_key_request())
        certificates.write_secret(
            security.folder / "elasticsearch-api.key", answer["encoded"].encode("ascii")
        )


def elasticsearch_answers(security: Security, ports: Ports) -> bool:
    try:
        return _ask(security, ports, "/_cluster/health")["status"] in {"green", "yellow"}
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _api_key_request() -> dict[str, Any]:
    return {"name": ROOST, "role_descriptors": {ROOST: role()}}


def _ask(security: Security, ports: Ports, path: str, body: Any = None) -> dict[str, Any]:
    """Send a request as the node's built-in superuser."""
    name = b64encode(f"elastic:{security.elastic_password}".encode()).decode()
    request = urllib.request.Request(
        f"https://127.0.0.1:{ports.elasticsearch}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Basic {name}", "content-type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(security.ca))
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return dict(json.load(answer))
