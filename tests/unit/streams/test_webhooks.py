"""Webhooks against local receivers: the meaning of answers, and addresses never reached."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import httpcore
import pytest

from roost.contact.webhook_targets import is_public
from roost.errors import Transient
from roost.events.notification import Answer
from roost.events.webhook import Webhook
from roost.security.signing import secret_of, verify
from roost.time.leases import UNBOUNDED
from roost.webhooks.guarded import (
    MOST_CONNECTIONS,
    Connections,
    GuardedBackend,
    TargetRefused,
    client,
)
from roost.webhooks.posting import MOST_BYTES, WebhookPoster
from roost.webhooks.retry_after import retry_after_s
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused, ReceiverGone, RetryLater
from streams.deliver.webhooks import WebhookLookup, WebhookSink, judge

ID = "h-" + "a" * 26
KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MESSAGE = Message(
    "n-1",
    "实现就业：砌筑工",
    "岗位匹配已实现就业。",
    kind="match_placed",
    data={"openingId": "o-1"},
)
HUSH = "hush-hush-token"


class Receiver(ThreadingHTTPServer):
    """A receiver that keeps its requests and answers as configured."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.behaves = "answers"
        self.over = Event()
        self.written = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?token={HUSH}"


class Answering(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append((self.path, headers, body))
        try:
            getattr(self, self.server.behaves)()
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.server.taken.append((self.path, {}, b""))
        self.answers()

    def answers(self) -> None:
        self.send_response(self.server.status)
        for name, value in {"Content-Length": "0", **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def hangs(self) -> None:
        self.server.over.wait(30)

    def drips_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nx-drip: ")
        while not self.server.over.wait(0.02):
            self.wfile.write(b".")

    def drips_its_body(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while not self.server.over.wait(0.02):
            self.wfile.write(b".")

    def floods(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        for _ in range(1_000):
            self.wfile.write(b"." * 100_000)
            self.server.written += 100_000

    def hangs_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: a test's output is its failures."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


class Registered:
    """The registered webhooks; sinks built from it are closed at the end."""

    def __init__(self) -> None:
        self.webhooks: dict[str, Webhook] = {}
        self.sinks: list[WebhookSink] = []

    def put(self, url: str, **changes: Any) -> None:
        self.webhooks[ID] = Webhook.model_validate({"id": ID, "url": url, **changes})

    async def find(self, id: str) -> Webhook | None:
        return self.webhooks.get(id)

    def sink(self, **given: Any) -> WebhookSink:
        made = WebhookSink(self.find, KEY, **{"may_be_private": True, **given})
        self.sinks.append(made)
        return made


@pytest.fixture
async def registered() -> AsyncIterator[Registered]:
    made = Registered()
    yield made
    for sink in made.sinks:
        await sink.aclose()


async def test_a_message_comes_signed_with_its_id_and_its_kind(
    receiver: Receiver, registered: Registered
) -> None:
    registered.put(receiver.url)
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    ((path, headers, body),) = receiver.taken
    assert path == f"/hook?token={HUSH}"
    assert headers["webhook-id"] == MESSAGE.id
    said = json.loads(body)
    assert (said["type"], said["timestamp"]) == ("roost.match_placed", "2026-11-23T09:00:00Z")
    assert said["data"] == {
        "id": MESSAGE.id,
        "title": MESSAGE.title,
        "body": MESSAGE.body,
        "openingId": "o-1",
    }
    verify(
        [secret_of(KEY, ID, 1)],
        headers["webhook-id"],
        headers["webhook-timestamp"],
        headers["webhook-signature"],
        body,
        NOW,
    )


async def test_after_a_rotation_the_former_secret_signs_as_well(
    receiver: Receiver, registered: Registered
) -> None:
    registered.put(receiver.url, secretNumber=3, rotatedAt=(NOW - timedelta(hours=1)).isoformat())
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    ((_, headers, body),) = receiver.taken
    for number in (3, 2):
        verify(
            [secret_of(KEY, ID, number)],
            MESSAGE.id,
            headers["webhook-timestamp"],
            headers["webhook-signature"],
            body,
            NOW,
        )


@pytest.mark.parametrize("status", [200, 202, 204, 299])
async def test_any_2xx_is_sent(receiver: Receiver, registered: Registered, status: int) -> None:
    receiver.status = status
    registered.put(receiver.url)
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_busy_receiver_is_tried_again_when_it_says(
    receiver: Receiver, registered: Registered, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "120"}
    registered.put(receiver.url)
    with pytest.raises(RetryLater) as later:
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert later.value.retry_after_s == 120
    assert isinstance(later.value, Transient)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_tried_again_as_the_receiver_may_be_repaired(
    receiver: Receiver, registered: Registered, status: int
) -> None:
    receiver.status = status
    registered.put(receiver.url)
    with pytest.raises(RetryLater, match=str(status)):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)


async def test_410_means_that_no_more_is_wanted(receiver: Receiver, registered: Registered) -> None:
    receiver.status = 410
    registered.put(receiver.url)
    with pytest.raises(ReceiverGone):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    receiver: Receiver, registered: Registered, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url.replace("hook", "else")}
    registered.put(receiver.url)
    with pytest.raises(RetryLater, match="redirect"):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert [path for path, _, _ in receiver.taken] == [f"/hook?token={HUSH}"]


@pytest.mark.parametrize("behaves", ["hangs", "drips_headers"])
async def test_who_never_comes_to_an_answer_is_left_in_time(
    receiver: Receiver, registered: Registered, behaves: str
) -> None:
    receiver.behaves = behaves
    registered.put(receiver.url)
    sink = registered.sink(patience_s=0.3)
    before = time.monotonic()
    with pytest.raises(Transient, match="did not answer"):
        await sink.send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert time.monotonic() - before < 10, "the receiver would have gone on for longer"


async def test_a_body_that_drips_undoes_no_answer_and_holds_nobody_up(
    receiver: Receiver, registered: Registered
) -> None:
    receiver.behaves = "drips_its_body"
    registered.put(receiver.url)
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert not receiver.over.is_set()


async def test_of_a_flood_no_more_is_read_than_the_bound(
    receiver: Receiver, registered: Registered
) -> None:
    receiver.behaves = "floods"
    registered.put(receiver.url)
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    # The kernel buffers some of it: written, but never read.
    assert receiver.written < 100_000_000 / 2
    assert MOST_BYTES == 65_536


async def test_a_connection_that_breaks_is_tried_again(
    receiver: Receiver, registered: Registered
) -> None:
    receiver.behaves = "hangs_up"
    registered.put(receiver.url)
    with pytest.raises(Transient, match="not reached"):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)


async def test_nobody_listening_is_tried_again(registered: Registered) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        registered.put(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        with pytest.raises(Transient, match="not reached"):
            await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)


async def test_cookies_are_not_kept(receiver: Receiver, registered: Registered) -> None:
    receiver.headers = {"Set-Cookie": "a=b; Path=/"}
    registered.put(receiver.url)
    sink = registered.sink()
    for _ in range(2):
        await sink.send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert [headers.get("cookie") for _, headers, _ in receiver.taken] == [None, None]


async def test_a_proxy_of_the_environment_is_not_trusted(
    receiver: Receiver, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    registered.put(receiver.url)
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert len(receiver.taken) == 1


async def test_a_webhook_that_was_removed_or_switched_off_gets_nothing(
    receiver: Receiver, registered: Registered
) -> None:
    with pytest.raises(DeliveryRefused, match="removed"):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    registered.put(receiver.url, enabled=False)
    with pytest.raises(DeliveryRefused, match="switched off"):
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert receiver.taken == []


async def test_neither_url_nor_message_reaches_a_log(
    receiver: Receiver, registered: Registered, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.status = 500
    registered.put(receiver.url)
    with pytest.raises(RetryLater) as later:
        await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    for secret in (HUSH, str(receiver.server_port), MESSAGE.title):
        assert secret not in caplog.text
        assert secret not in str(later.value)


class Dialled(httpcore.AsyncMockBackend):
    """A network that answers 200 and keeps the addresses and names it was asked for."""

    def __init__(self) -> None:
        super().__init__([])
        self.addresses: list[str] = []
        self.names: list[str | None] = []

    async def connect_tcp(self, host: str, *args: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        self.addresses.append(host)
        return Verified(self.names)


class Verified(httpcore.AsyncMockStream):
    def __init__(self, names: list[str | None]) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"])
        self._names = names

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (the port's)
    ) -> httpcore.AsyncNetworkStream:
        assert ssl_context.check_hostname
        assert ssl_context.verify_mode is ssl.CERT_REQUIRED
        self._names.append(server_hostname)
        return self


class Names:
    """A resolver that gives its answers in turn, then repeats the last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *args: Any, **named: Any) -> list[Any]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in answer
        ]


@pytest.fixture
def dialled() -> Dialled:
    return Dialled()


def public_only(registered: Registered, dialled: Dialled) -> WebhookSink:
    registered.put("https://hr.example.com/hook")
    guard = GuardedBackend(is_public, dialled)
    return registered.sink(may_be_private=False, backend=guard)


@pytest.mark.parametrize(
    "answer",
    [
        ("127.0.0.1",),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::a01:203",),
        ("2002:7f00:1::1",),
        ("93.184.215.14", "192.168.0.1"),
    ],
)
async def test_a_name_with_any_address_that_is_not_public_is_refused(
    registered: Registered,
    dialled: Dialled,
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[str, ...],
) -> None:
    Names(monkeypatch, answer)
    with pytest.raises(DeliveryRefused, match="not public"):
        await public_only(registered, dialled).send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert dialled.addresses == []


async def test_the_address_that_was_checked_is_dialled_and_tls_verifies_the_name(
    registered: Registered, dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(monkeypatch, ("93.184.215.14",), ("127.0.0.1",))
    await public_only(registered, dialled).send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert dialled.addresses == ["93.184.215.14"]
    assert dialled.names == ["hr.example.com"]
    assert names.asked == 1, "a second answer may be another one"


async def test_the_real_connection_asks_no_name_again(
    receiver: Receiver, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(monkeypatch, ("127.0.0.1",), ("203.0.113.1",))
    registered.put(receiver.url.replace("127.0.0.1", "hr.example.com"))
    await registered.sink().send(MESSAGE, ID, "", NOW, UNBOUNDED)
    ((_, headers, _),) = receiver.taken
    assert headers["host"] == f"hr.example.com:{receiver.server_port}"
    assert names.asked == 1


async def test_a_literal_of_loopback_is_refused_without_a_connection(
    receiver: Receiver, registered: Registered
) -> None:
    for url in (receiver.url, receiver.url.replace("http:", "https:")):
        registered.put(url)
        with pytest.raises(DeliveryRefused):
            await registered.sink(may_be_private=False).send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert receiver.taken == []


@pytest.mark.parametrize("url", ["http://hr.example.com/", "https://user:hush@hr.example.com/"])
async def test_what_the_door_would_refuse_is_not_sent_either(
    registered: Registered, dialled: Dialled, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    Names(monkeypatch, ("93.184.215.14",))
    sink = public_only(registered, dialled)
    registered.put(url)
    with pytest.raises(DeliveryRefused, match="url: ") as refused:
        await sink.send(MESSAGE, ID, "", NOW, UNBOUNDED)
    assert "hush" not in str(refused.value)
    assert dialled.addresses == []


async def test_the_guard_stands_without_the_look_at_the_url(receiver: Receiver) -> None:
    with pytest.raises(TargetRefused, match="not public"):
        await GuardedBackend(is_public).connect_tcp("127.0.0.1", receiver.server_port)


async def test_a_name_that_does_not_resolve_is_tried_again(
    registered: Registered, dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **named: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(Transient, match="not reached"):
        await public_only(registered, dialled).send(MESSAGE, ID, "", NOW, UNBOUNDED)


async def test_when_the_first_address_is_down_the_next_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class FirstDown(Dialled):
        async def connect_tcp(
            self, host: str, *args: Any, **named: Any
        ) -> httpcore.AsyncNetworkStream:
            stream = await super().connect_tcp(host)
            if len(self.addresses) == 1:
                raise httpcore.ConnectError("down")
            return stream

    Names(monkeypatch, ("2606:4700::1", "1.1.1.1"))
    network = FirstDown()
    await GuardedBackend(is_public, network).connect_tcp("example.com", 443)
    assert network.addresses == ["2606:4700::1", "1.1.1.1"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("999999", 86_400.0),
        ("9" * 400, 86_400.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=3), usegmt=True), 86_400.0),
        ("²", None),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("Mon, 99 Nov 2026 09:00:00 GMT", None),
        ("Mon, 1 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms_within_a_day(
    said: str | None, seconds: float | None
) -> None:
    assert retry_after_s(said, NOW) == seconds


@pytest.mark.parametrize("status", [100, 101, 199, 600, 999])
def test_a_status_that_is_none_is_never_taken_for_sent(status: int) -> None:
    with pytest.raises((DeliveryRefused, Transient)):
        judge(Answer(at=NOW, status=status), None, NOW)


async def test_webhooks_are_found_in_the_view_unless_they_were_removed() -> None:
    class View:
        document: dict[str, Any] | None = None

        async def mget(
            self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
        ) -> dict[tuple[str, str], dict[str, Any]]:
            assert list(keys) == [("webhooks", ID), ("outages", ID)]
            return {} if self.document is None else {("webhooks", ID): self.document}

    view = View()
    find = WebhookLookup(view)
    assert await find(ID) is None
    view.document = {"id": ID, "version": 2, "erased": True}
    assert await find(ID) is None
    view.document = {"id": ID, "version": 1, "fact": {"id": ID, "url": "https://example.com/"}}
    found = await find(ID)
    assert found is not None
    assert str(found.url) == "https://example.com/"


async def test_those_who_ask_meanwhile_are_answered_by_one_further_question() -> None:
    class Slow:
        def __init__(self) -> None:
            self.asked: list[list[str]] = []
            self.may_answer = asyncio.Event()

        async def mget(
            self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
        ) -> dict[tuple[str, str], dict[str, Any]]:
            self.asked.append(sorted({id for _, id in keys}))
            await self.may_answer.wait()
            return {}

    view = Slow()
    find = WebhookLookup(view)
    early = asyncio.create_task(find("h-1"))
    await asyncio.sleep(0.01)
    late = [asyncio.create_task(find(id)) for id in ("h-1", "h-2", "h-1")]
    await asyncio.sleep(0.01)
    late[0].cancel()
    view.may_answer.set()
    assert await early is None
    assert await asyncio.gather(*late, return_exceptions=True) != []
    assert view.asked == [["h-1"], ["h-1", "h-2"]]


async def test_a_connection_is_used_again_and_one_broken_off_is_not(
    receiver: Receiver,
) -> None:
    backend = GuardedBackend(lambda address: True)
    connections = Connections(backend)
    url = httpcore.URL(receiver.url)
    first = await connections.take(url)
    answer = await first.handle_async_request(
        httpcore.Request("POST", url, headers={"Host": "r", "Content-Length": "0"})
    )
    await answer.aread()
    await answer.aclose()
    await connections.give_back(first, url)
    again = await connections.take(url)
    assert again is first
    await again.handle_async_request(
        httpcore.Request("POST", url, headers={"Host": "r", "Content-Length": "0"})
    )
    await connections.give_back(again, url)  # in the middle of the answer
    assert await connections.take(url) is not again
    await connections.aclose()


async def test_a_connection_that_the_receiver_ends_is_not_used_again() -> None:
    served = 0

    async def answer_and_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer_and_end, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with client(GuardedBackend(lambda address: True), 5) as asking:
        for _ in range(MOST_CONNECTIONS + 2):  # and each releases its slot
            assert (await asking.post(f"http://127.0.0.1:{port}/")).status_code == 200
            await asyncio.sleep(0.005)
    server.close()
    assert served == MOST_CONNECTIONS + 2


async def test_the_wait_for_a_connection_is_not_counted_as_the_receivers_silence() -> None:
    released = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/slow" in head:
            await released.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2 * MOST_CONNECTIONS)
    port = server.sockets[0].getsockname()[1]
    poster = WebhookPoster(KEY, may_be_private=True, patience_s=3.0)

    def hook(path: str) -> Webhook:
        return Webhook.model_validate(
            {"id": ID, "url": f"http://127.0.0.1:{port}/{path}", "employer_id": "e"}
        )

    async def post(path: str) -> Answer:
        return (await poster.post(hook(path), "n-1", b"{}", NOW))[0]

    slow = [asyncio.create_task(post("slow")) for _ in range(MOST_CONNECTIONS)]
    await asyncio.sleep(0)
    poster._patience_s = 1.5  # shorter than the wait for a connection
    quick = asyncio.create_task(post("quick"))
    gone = await asyncio.gather(*slow)
    released.set()
    assert {each.status for each in gone} == {None}, "each has waited for its patience"
    assert (await quick).status == 200
    await poster.aclose()
    server.close()
