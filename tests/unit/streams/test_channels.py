"""Channels against a receiver of our own: what is sent, and what a refusal becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from roost.errors import Transient
from roost.events.preferences import ChannelKind
from roost.wording import Message
from streams.deliver.channels import AppriseSink, OutboxSink, sinks

MESSAGE = Message("n-1", "新的岗位匹配：电焊工", "月工资约 5,500 CNY")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.taken: list[tuple[str, str]] = []


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.taken.append((self.path, body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its failures."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def webhook(receiver: Receiver) -> AppriseSink:
    return AppriseSink(f"json://127.0.0.1:{receiver.server_port}/{{address}}")


async def test_a_webhook_takes_the_message_at_the_encoded_address(receiver: Receiver) -> None:
    await webhook(receiver).send(MESSAGE, "w-1", "a/b?c", NOW)
    ((path, body),) = receiver.taken
    assert path.rstrip("/") == "/a%2Fb%3Fc"
    said = json.loads(body)
    assert (said["title"], said["message"]) == (MESSAGE.title, MESSAGE.body)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_refusal_is_told_and_a_redirect_is_not_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    with pytest.raises(Transient):
        await webhook(receiver).send(MESSAGE, "w-1", "box", NOW)
    assert len(receiver.taken) == 1


async def test_a_url_that_nobody_knows_is_told() -> None:
    with pytest.raises(Transient, match="check the setting"):
        await AppriseSink("pigeon://{address}").send(MESSAGE, "w-1", "loft", NOW)


async def test_without_an_account_everything_goes_to_the_outbox(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox" / "messages.jsonl"
    found = sinks({"email": "mailto://county:secret@127.0.0.1?to={address}"}, outbox)
    assert isinstance(found[ChannelKind.EMAIL], AppriseSink)
    for kind in set(ChannelKind) - {ChannelKind.EMAIL}:
        assert isinstance(found[kind], OutboxSink)
        await found[kind].send(MESSAGE, "w-1", "", NOW)
    lines = [json.loads(line) for line in outbox.read_text("utf-8").splitlines()]
    assert {line["id"] for line in lines} == {MESSAGE.id}
    assert len(lines) == len(ChannelKind) - 1
