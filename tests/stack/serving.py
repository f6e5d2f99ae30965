"""The API as a separate process on a free port, and keys for it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import stamina

from deploy.local.processes import Process
from deploy.up import api_part
from producers import identity_facts as facts
from producers.publisher import Publisher
from roost.events.account import AccountRole, Holder, Permission
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.time.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Serving:
    """The API's address, and the headers of an administrator's key."""

    url: str
    headers: dict[str, str]
    process: Process


def headers_for(
    settings: Settings,
    role: AccountRole = AccountRole.ADMIN,
    scopes: tuple[Permission, ...] = (),
    **confined: Any,
) -> dict[str, str]:
    """Publish a new key and return its headers; a running API follows within a moment."""
    holder = Holder(role=role, **confined)
    _, record, text = facts.key_made(holder, f"test {role}", scopes, at=SystemClock().now())
    with Publisher(brokers_of(settings)) as publisher:
        publisher.publish([record])
    return {"Authorization": f"Bearer {text}"}


@contextmanager
def served(settings: Settings) -> Iterator[Serving]:
    """Run the API; yield once it accepts an administrator's key."""
    headers = headers_for(settings)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    own = settings.model_copy(update={"api_port": port, "public_url": url})
    process = Process(api_part(own), settings.data)
    process.start()
    process.wait_ready()
    wait_known(url, headers)
    yield Serving(url, headers, process)
    process.stop()


def wait_known(url: str, headers: dict[str, str]) -> None:
    """Return once the API knows the key."""
    # A block instead of a decorator: the decorator logs the retried call's arguments, here the key.
    for attempt in stamina.retry_context(
        on=httpx.HTTPError, attempts=None, timeout=30, wait_max=0.5
    ):
        with attempt:
            httpx.get(f"{url}/v1/me", headers=headers, timeout=5).raise_for_status()
