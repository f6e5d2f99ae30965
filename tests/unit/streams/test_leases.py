"""No sender begins a send after its lease, however long it waited for a connection or a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roost.events.notification import DeliveryStatus, NotificationKind
from roost.events.preferences import ChannelKind
from roost.events.webhook import Webhook
from roost.time.clock import FixedClock, SystemClock
from roost.time.leases import UNBOUNDED, Lease, LeaseEnded
from roost.webhooks.guarded import MOST_CONNECTIONS
from roost.wording import Message
from streams.deliver import channels
from streams.deliver.channels import AppriseSink, OutboxSink
from streams.deliver.claims import LEASE
from streams.deliver.delivery_errors import Sink
from streams.deliver.message_sender import SPARE
from streams.deliver.outbox import Outbox
from streams.deliver.webhooks import WebhookSink
from tests.unit.streams.in_memory import RecordingSink, notification, run
from tests.unit.streams.test_lane import SMS, Stand

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOOK = "h-" + "a" * 26
OVER = Lease(FixedClock(NOW), NOW)
MESSAGE = Message("n-1", "title", "body")


@dataclass
class Holding:
    """A receiver whose answers wait until they are released."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        async with self.asked:
            self.paths.append(head.split(b" ")[1].decode())
            self.asked.notify_all()
        await self.released.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def holding() -> AsyncIterator[Holding]:
    made = Holding()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, backlog=2 * MOST_CONNECTIONS)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    made.released.set()
    server.close()


def webhook_sink(url: str) -> WebhookSink:
    async def find(id: str) -> Webhook:
        return Webhook.model_validate({"id": HOOK, "url": f"{url}/{id}"})

    return WebhookSink(find, b"k" * 32, may_be_private=True)


async def begun(receiver: Holding, number: int) -> None:
    """Wait until the receiver has this many messages."""
    async with receiver.asked:
        await receiver.asked.wait_for(lambda: len(receiver.paths) >= number)


@pytest.mark.parametrize("kind", ["outbox", "apprise", "webhook"])
async def test_no_sink_sends_after_the_lease(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    async with holding() as receiver:
        receiver.released.set()
        sinks: dict[str, Sink] = {
            "outbox": OutboxSink(Outbox(path), SMS),
            "apprise": AppriseSink(receiver.url.replace("http", "json"), ChannelKind.WEBHOOK),
            "webhook": webhook_sink(receiver.url),
        }
        with pytest.raises(LeaseEnded):
            await sinks[kind].send(MESSAGE, HOOK, "4711", NOW, OVER)
        assert receiver.paths == []
        assert not path.exists() or path.read_bytes() == b""


async def test_a_webhook_is_sent_nothing_after_a_wait_for_a_connection_beyond_the_lease() -> None:
    async with holding() as receiver:
        sink = webhook_sink(receiver.url)
        busy = [
            asyncio.create_task(sink.send(MESSAGE, "busy", "", NOW, UNBOUNDED))
            for _ in range(MOST_CONNECTIONS)
        ]
        await begun(receiver, MOST_CONNECTIONS)
        clock = FixedClock(NOW)
        late = asyncio.create_task(
            sink.send(MESSAGE, "late", "", NOW, Lease(clock, NOW + timedelta(seconds=45)))
        )
        await asyncio.sleep(0)
        clock.moment = NOW + timedelta(seconds=46)
        receiver.released.set()
        with pytest.raises(LeaseEnded):
            await late
        await asyncio.gather(*busy)
        assert "/late" not in receiver.paths
        answer = await sink.send(MESSAGE, "next", "", NOW, UNBOUNDED)
        assert answer.status == 200, "the connection is free again"
        await sink.aclose()


async def test_the_wait_for_a_connection_ends_with_the_lease() -> None:
    async with holding() as receiver:
        sink = webhook_sink(receiver.url)
        busy = [
            asyncio.create_task(sink.send(MESSAGE, "busy", "", NOW, UNBOUNDED))
            for _ in range(MOST_CONNECTIONS)
        ]
        await begun(receiver, MOST_CONNECTIONS)
        clock = SystemClock()
        soon = Lease(clock, clock.now() + timedelta(milliseconds=50))
        with pytest.raises(LeaseEnded):
            await sink.send(MESSAGE, "late", "", NOW, soon)
        assert not any(each.done() for each in busy)
        receiver.released.set()
        await asyncio.gather(*busy)
        await sink.aclose()


async def test_a_person_is_sent_nothing_after_a_wait_for_a_thread_beyond_the_lease() -> None:
    async with holding() as receiver:
        sink = AppriseSink(receiver.url.replace("http", "json"), ChannelKind.WEBHOOK)
        busy = [
            asyncio.create_task(sink.send(MESSAGE, "busy", "4711", NOW, UNBOUNDED))
            for _ in range(channels.THREADS)
        ]
        await begun(receiver, channels.THREADS)
        clock = FixedClock(NOW)
        late = asyncio.create_task(
            sink.send(MESSAGE, "late", "4712", NOW, Lease(clock, NOW + timedelta(seconds=45)))
        )
        await asyncio.sleep(0.05)
        clock.moment = NOW + timedelta(seconds=46)
        receiver.released.set()
        with pytest.raises(LeaseEnded):
            await late
        await asyncio.gather(*busy)
        assert len(receiver.paths) == channels.THREADS


class WaitingSink(RecordingSink):
    """A channel whose first message waits for a connection until after its lease."""

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        if not self.attempts and not self.waited:
            self.waited = True
            await asyncio.sleep((LEASE + SPARE).total_seconds())
        lease.check()
        await super().send(message, recipient, address, at, lease)

    waited = False


def test_a_message_that_waited_beyond_its_lease_is_sent_once_by_the_next_sender() -> None:
    stand = Stand()
    stand.lane._sender._sink = sink = WaitingSink(stand.process)
    one = notification(NotificationKind.POLICY_NEWS)
    run(stand.send(one, seconds=180))
    row = stand.world.row(one, SMS)
    assert row.status is DeliveryStatus.SENT
    assert [each.message_id for each in sink.attempts] == [one.id]
    assert row.attempts == 1, "the wait is no attempt"
