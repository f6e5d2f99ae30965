"""A local server that stands for a provider of messages, for tests and for `roost listen`.

It checks each call as the provider does, keeps the messages that it accepted, and on request fails,
limits, accepts in silence, reports deliveries and forwards replies. It binds to this computer only.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson

MOST_BYTES = 256 * 1024
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its parts as a provider reads them; names of headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """A message that the simulator accepted."""

    reference: str
    out_id: str
    number: str
    template: str
    values: Mapping[str, str]
    at: datetime
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The simulator's answer to a call; `cut` closes the connection without it."""

    content: Mapping[str, Any]
    status: int = 200
    cut: bool = False


@dataclass(slots=True)
class Behaviour:
    """Failures to come: the codes of the next answers, and accepted messages without an answer."""

    codes: deque[str] = field(default_factory=deque)
    silent: int = 0


class ProviderServer(ThreadingHTTPServer, ABC):
    """Base of the simulators: keeps messages, and posts reports to the county's address."""

    daemon_threads = True
    provider = ""

    def __init__(
        self,
        port: int,
        key_id: str,
        secret: str,
        callback_url: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.key_id = key_id
        self.secret = secret
        self.callback_url = callback_url
        self.now = now
        self.behaviour = Behaviour()
        self.messages: list[SimulatedMessage] = []
        self.refused: list[str] = []
        """Codes of the refused calls."""
        self.on_message: Callable[[SimulatedMessage], None] = lambda message: None
        self._numbers = itertools.count(1)
        self._lock = Lock()

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """Return the answer to a call."""

    def handle_call(self, call: Call) -> Reply:
        """Answer one call at a time, and note a refusal."""
        with self._lock:
            return self.answer(call)

    def next_code(self) -> str:
        """Return the code that this answer is to have; empty for success."""
        return self.behaviour.codes.popleft() if self.behaviour.codes else ""

    def next_reference(self) -> str:
        """Return a new id of a message."""
        return f"{self.provider}-{next(self._numbers)}"

    def keep(self, message: SimulatedMessage) -> bool:
        """Keep an accepted message; return whether its answer is to be left out."""
        self.messages.append(message)
        del self.messages[:-MOST_KEPT]
        self.on_message(message)
        if not self.behaviour.silent:
            return False
        self.behaviour.silent -= 1
        return True

    def post(self, path: str, content: object) -> int:
        """Post JSON to the county's address as the provider does; return the status."""
        answer = httpx.post(
            f"{self.callback_url}{path}",
            content=orjson.dumps(content),
            headers={"content-type": "application/json"},
            timeout=10,
            trust_env=False,
        )
        return answer.status_code


class _Handler(BaseHTTPRequestHandler):
    server: ProviderServer
    timeout = 30
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = self.headers.get("content-length") or "0"
        size = int(length) if length.isascii() and length.isdigit() else 0
        if size > MOST_BYTES:
            self._answer(Reply({}, 413))
            return
        parts = urlsplit(self.path)
        call = Call(
            self.command,
            parts.path or "/",
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(size),
        )
        reply = self.server.handle_call(call)
        if reply.cut:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(reply)

    do_GET = do_POST

    def _answer(self, reply: Reply) -> None:
        content = orjson.dumps(dict(reply.content))
        self.send_response(reply.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: paths and addresses are personal data."""
