"""Channels against a local receiver: the requests sent, and the errors of refusals."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import apprise
import pytest

from roost.errors import RoostError, Transient
from roost.events.preferences import ChannelKind
from roost.time.clock import SystemClock
from roost.time.leases import UNBOUNDED
from roost.wording import Message
from streams.deliver.channels import LEAKING_LOGGERS, AppriseSink, OutboxSink
from streams.deliver.configured_sinks import build_sinks, resolve_url
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.outbox import Outbox

MESSAGE = Message("n-1", "新的岗位匹配：电焊工", "月工资约 5,500 CNY")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Receiver(ThreadingHTTPServer):
    """A receiver that keeps its requests and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.taken: list[tuple[str, str]] = []
        self.ids: list[str | None] = []


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.taken.append((self.path, body))
        self.server.ids.append(self.headers["webhook-id"])
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: a test's output is its failures."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def webhook(receiver: Receiver) -> AppriseSink:
    return AppriseSink(f"json://127.0.0.1:{receiver.server_port}/{{address}}", ChannelKind.WEBHOOK)


async def test_a_webhook_takes_the_message_at_the_encoded_address(receiver: Receiver) -> None:
    await webhook(receiver).send(MESSAGE, "w-1", "box-1", NOW, UNBOUNDED)
    ((path, body),) = receiver.taken
    assert path.rstrip("/") == "/box-1"
    said = json.loads(body)
    assert (said["title"], said["message"]) == (MESSAGE.title, MESSAGE.body)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_refusal_is_told_and_a_redirect_is_not_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    with pytest.raises(Transient):
        await webhook(receiver).send(MESSAGE, "w-1", "box", NOW, UNBOUNDED)
    assert len(receiver.taken) == 1


async def test_apprise_alone_would_follow_it(receiver: Receiver) -> None:
    receiver.status = 302
    alone = apprise.Apprise()
    alone.add(f"json://127.0.0.1:{receiver.server_port}/box?retry=0")
    await alone.async_notify(body="a message")
    assert "/elsewhere" in [path for path, _ in receiver.taken]


async def test_a_url_that_nobody_knows_is_told() -> None:
    with pytest.raises(Transient, match="check the setting"):
        await AppriseSink("pigeon://{address}", ChannelKind.WEBHOOK).send(
            MESSAGE, "w-1", "loft", NOW, UNBOUNDED
        )


async def test_without_an_account_everything_goes_to_the_outbox(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox" / "messages.jsonl"
    urls = {"email": "mailto://county:secret@127.0.0.1?to={address}"}
    found = build_sinks(urls, Outbox(outbox), SystemClock())
    assert isinstance(found[ChannelKind.EMAIL], AppriseSink)
    for kind in set(ChannelKind) - {ChannelKind.EMAIL}:
        assert isinstance(found[kind], OutboxSink)
        await found[kind].send(MESSAGE, "w-1", "", NOW, UNBOUNDED)
    lines = [json.loads(line) for line in outbox.read_text("utf-8").splitlines()]
    assert {line["id"] for line in lines} == {MESSAGE.id}
    assert len(lines) == len(ChannelKind) - 1


@pytest.mark.parametrize("scheme", ["json", "form", "xml"])
async def test_a_service_that_takes_headers_gets_the_messages_id(
    receiver: Receiver, scheme: str
) -> None:
    sink = AppriseSink(
        f"{scheme}://127.0.0.1:{receiver.server_port}/{{address}}", ChannelKind.WEBHOOK
    )
    for _ in range(2):
        await sink.send(MESSAGE, "w-1", "box", NOW, UNBOUNDED)
    assert receiver.ids == [MESSAGE.id, MESSAGE.id]


class PostOffice:
    """A mail server that keeps the recipients of the envelope and the lines of the message."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.recipients: list[str] = []

    async def send(self, address: str) -> None:
        async with await asyncio.start_server(self.answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = f"mailto://127.0.0.1:{port}?from=county@example.cn&to={{address}}"
            await AppriseSink(url, ChannelKind.EMAIL).send(MESSAGE, "w-1", address, NOW, UNBOUNDED)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        in_data = False
        while line := (await reader.readline()).decode():
            if in_data:
                self.lines.append(line.rstrip().lower())
                in_data = line != ".\r\n"
                answer = b"" if in_data else b"250 taken\r\n"
            else:
                if line.upper().startswith("RCPT TO:"):
                    self.recipients.append(line[8:].strip().strip("<>"))
                in_data = line.upper().startswith("DATA")
                answer = b"354 go on\r\n" if in_data else b"250 well\r\n"
            writer.write(answer)
            if line.upper().startswith("QUIT"):
                break
        writer.close()


async def test_an_e_mail_carries_the_messages_id_and_one_message_id() -> None:
    office = PostOffice()
    await office.send("worker@example.cn")
    assert f"webhook-id: {MESSAGE.id}" in office.lines
    assert len([line for line in office.lines if line.startswith("message-id:")]) == 1


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        ("o'brien@example.cn", "o'brien@example.cn"),
        ("a&b+c@example.cn", "a&b+c@example.cn"),
        ("li@例子.公司", "li@xn--fsqu00a.xn--55qx5d"),
    ],
)
async def test_an_e_mail_goes_to_the_one_address_alone(address: str, recipient: str) -> None:
    office = PostOffice()
    await office.send(address)
    assert office.recipients == [recipient]


async def test_two_addresses_in_one_are_sent_nothing() -> None:
    office = PostOffice()
    with pytest.raises(DeliveryRefused):
        await office.send("a@example.cn:b@example.cn")
    assert office.recipients == []


def test_only_the_inbox_the_outbox_and_webhooks_know_ids(tmp_path: Path) -> None:
    own = {kind.value: "json://127.0.0.1/{address}" for kind in ChannelKind}
    outbox = Outbox(tmp_path / "messages.jsonl")
    found = build_sinks(own, outbox, SystemClock())
    knowing = {kind for kind, sink in found.items() if sink.knows_ids}
    assert knowing == {ChannelKind.INBOX, ChannelKind.WEBHOOK}
    assert all(sink.knows_ids for sink in build_sinks({}, outbox, SystemClock()).values())


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Restore the loggers as they are before they are silenced, and keep their records."""
    loggers = [logging.getLogger(name) for name in LEAKING_LOGGERS]
    before = [(logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
    caplog.set_level(1)
    yield caplog
    for logger, (level, disabled) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.disabled = disabled


TOKEN, ADDRESS = "hush-hush-token", "13800001234"


@pytest.mark.parametrize("template", ["json://x:{token}@{at}/{token}/{{address}}", "pigeon://{at}"])
async def test_when_a_send_fails_neither_token_nor_address_reaches_a_log_or_the_error(
    receiver: Receiver, talkative: pytest.LogCaptureFixture, template: str
) -> None:
    receiver.status = 500
    at = f"127.0.0.1:{receiver.server_port}"
    sink = AppriseSink(template.format(token=TOKEN, at=at), ChannelKind.WEBHOOK)
    # A level that is set later does not undo it.
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    with pytest.raises(Transient) as refused:
        await sink.send(MESSAGE, "w-1", ADDRESS, NOW, UNBOUNDED)
    for secret in (TOKEN, ADDRESS, str(receiver.server_port), MESSAGE.title):
        assert secret not in talkative.text
        assert secret not in str(refused.value)


async def test_without_silence_the_libraries_would_have_told(
    receiver: Receiver, talkative: pytest.LogCaptureFixture
) -> None:
    """Verify the test above: without silencing, something is logged."""
    sink = AppriseSink(
        f"json://127.0.0.1:{receiver.server_port}/{TOKEN}/{{address}}", ChannelKind.WEBHOOK
    )
    for name in LEAKING_LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).disabled = False
    await sink.send(MESSAGE, "w-1", ADDRESS, NOW, UNBOUNDED)
    assert TOKEN in talkative.text
    assert ADDRESS in talkative.text


def test_a_url_may_stand_in_the_environment_or_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "sms.url"
    file.write_text(f"json://{TOKEN}@sms.example.cn/{{address}}\n", "utf-8")
    url = f"json://{TOKEN}@sms.example.cn/{{address}}"
    assert resolve_url("sms", f"file:{file}", {}) == url
    assert resolve_url("sms", "env:SMS_URL", {"SMS_URL": f" {url}\n"}) == url
    assert resolve_url("sms", url, {}) == url


async def test_what_a_reference_stands_for_is_what_is_sent_to(
    receiver: Receiver, tmp_path: Path
) -> None:
    there = {"HOOK": f"json://127.0.0.1:{receiver.server_port}/{{address}}"}
    found = build_sinks({"webhook": "env:HOOK"}, tmp_path / "messages.jsonl", SystemClock(), there)
    await found[ChannelKind.WEBHOOK].send(MESSAGE, "w-1", "box", NOW, UNBOUNDED)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("env:SMS_URL", "the variable SMS_URL is empty or not there"),
        ("env:BLANK", "the variable BLANK is empty or not there"),
        (f"env:json://{TOKEN}@sms.example.cn", "write env:NAME"),
        (f"file:/nowhere/{TOKEN}", "cannot be read"),
        (f"file:/nowhere/\0{TOKEN}", "cannot be read"),
        ("file:{empty}", "its file is empty or not there"),
        ("file:{binary}", "cannot be read"),
    ],
)
def test_a_reference_that_leads_nowhere_names_the_setting_and_the_remedy_not_the_secret(
    tmp_path: Path, value: str, says: str
) -> None:
    (tmp_path / "empty").write_bytes(b" \n")
    (tmp_path / "binary").write_bytes(b"\xff" + TOKEN.encode())
    value = value.replace("{empty}", str(tmp_path / "empty"))
    value = value.replace("{binary}", str(tmp_path / "binary"))
    with pytest.raises(RoostError) as wrong:
        build_sinks({"sms": value}, tmp_path / "messages.jsonl", SystemClock(), {"BLANK": " "})
    assert says in wrong.value.message
    for told in (wrong.value.message, wrong.value.message_zh):
        assert "ROOST_CHANNEL_URLS, sms" in told
        assert TOKEN not in told
    assert wrong.value.message_zh != wrong.value.message
