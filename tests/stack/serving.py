"""The API as a process of its own, on a free port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from deploy.local.processes import Process
from deploy.up import api_part
from roost.settings import Settings


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Where it answers."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = Process(api_part(settings.model_copy(update={"api_port": port})), settings.data)
    process.start()
    process.wait_ready()
    yield f"http://127.0.0.1:{port}"
    process.stop()
