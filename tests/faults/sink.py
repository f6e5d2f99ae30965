"""A receiver of messages in its own process, so that its log survives every sender.

    python -m tests.faults.sink PORT LOG

Every attempt is a line in LOG, written and fsynced before it is answered. A message becomes visible
once: the first accepted one with its id at its address. `PUT /__ways` with a list of `{"about":
"/sms", "answer": "500", "times": 3}` sets the behaviour. The first entry whose `about` is contained
in the request's target, and whose times are not used up, decides.

Answers: `200` accepts; `checks` accepts requests signed with the given `secret` (Standard Webhooks)
and refuses others with 401; `429` has a Retry-After; `hang` reads and never answers;
`taken_then_silence` makes the message visible and never answers; `redirect` points to loopback;
other numbers are returned unchanged.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from roost.errors import Invalid
from roost.security.signing import verify

ID_HEADERS = ("webhook-id", "idempotency-key", "x-roost-id")
ID_FIELDS = ("id", "message_id", "messageId", "webhook-id")
SECRET = "/__redirected"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that reached the sink."""

    at: str
    target: str
    address: str
    id: str
    answer: str
    visible: bool
    """True if a person sees it: accepted, and the first of its id at its address."""


def read_log(path: Path) -> list[Attempt]:
    """Return every complete line; the sink may be writing the next."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [Attempt(**json.loads(line)) for line in lines]


class Sink:
    def __init__(self, port: int, log: Path) -> None:
        self._port = port
        self._seen = {(each.address, each.id) for each in read_log(log) if each.visible}
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._ways: list[dict[str, Any]] = []

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is gone; its request is logged
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if target == "/__ways":
            self._ways = json.loads(body)
            writer.write(_answer(200))
            return True
        if target == SECRET:
            self._keep(target, "", "redirect followed", "200", visible=True)
        answer = self._answer_for(target, headers, body)
        id, address = message_id(headers, body), address_of(target)
        taken = answer in {"200", "taken_then_silence"}
        first = taken and (address, id) not in self._seen
        if first:
            self._seen.add((address, id))
        self._keep(target, address, id, answer, visible=first)
        if answer in {"hang", "taken_then_silence"}:
            await reader.read()  # until the client gives up
            return False
        writer.write(_answer(302 if answer == "redirect" else int(answer), self._port))
        await writer.drain()
        return method != "HEAD"

    def _answer_for(self, target: str, headers: dict[str, str], body: bytes) -> str:
        for each in self._ways:
            if each.get("about", "") in target and each.get("times", 1) > 0:
                if "times" in each:
                    each["times"] -= 1
                if each["answer"] == "checks":
                    return "200" if is_signed(each["secret"], headers, body) else "401"
                return str(each["answer"])
        return "200"

    def _keep(self, target: str, address: str, id: str, answer: str, *, visible: bool) -> None:
        now = datetime.now(UTC).isoformat()
        attempt = Attempt(now, target, address, id, answer, visible)
        os.write(self._log, json.dumps(asdict(attempt)).encode() + b"\n")
        os.fsync(self._log)


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Return whether the signature is right and recent, as a careful receiver checks it."""
    values = (headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
    try:
        verify([secret], *values, body, datetime.now(UTC))
    except Invalid:
        return False
    return True


def message_id(headers: dict[str, str], body: bytes) -> str:
    """Return the id that receivers drop repeats by: a header or a field of the body.

    It is empty without an id.
    """
    for name in ID_HEADERS:
        if headers.get(name):
            return headers[name]
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    return next((str(content[name]) for name in ID_FIELDS if content.get(name)), "")


def address_of(target: str) -> str:
    """Return the address: `?to=`, or the last part of the path."""
    parts = urlsplit(target)
    query = parse_qs(parts.query).get("to")
    return query[0] if query else unquote(parts.path.rsplit("/", 1)[-1])


def _answer(status: int, port: int = 0) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", "content-length: 2", "content-type: application/json"]
    if status == 429:
        lines.append("retry-after: 2")
    if status == 302:
        lines.append(f"location: http://127.0.0.1:{port}{SECRET}")
    return "\r\n".join([*lines, "", "{}"]).encode()


if __name__ == "__main__":
    asyncio.run(Sink(int(sys.argv[1]), Path(sys.argv[2])).serve())
