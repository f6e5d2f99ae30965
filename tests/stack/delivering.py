"""A deliver stage driven in process on real servers, with fake channels and clock."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from roost import ids
from roost.events.envelope import record
from roost.events.notification import Delivery, DeliveryStatus, Notification, NotificationKind
from roost.events.preferences import ChannelKind, QuietHours
from roost.events.receipt import Receipt
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.kafka.sender import Sender
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.time.leases import Lease
from roost.topics import NOTIFICATIONS
from roost.views.elastic import Elastic, Write
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_errors import Sink
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.ledger import Ledger, count_outstanding
from streams.deliver.message_costs import CostRules
from streams.deliver.message_texts import MessageWriter
from streams.deliver.outbox import Outbox
from streams.deliver.timing import CountyDefaults
from streams.notify.notify_stage import SOURCE
from streams.stages import outbox_path
from streams.views.foreign_records import ForeignRecords
from streams.views.notification_projection import project_notifications
from tests.stack.waiting import until
from tests.unit.api.builders import notification

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE).astimezone(UTC)
QUIET = QuietHours(begins=time(22), ends=time(7))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SMS, EMAIL, INBOX = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.INBOX
_VERSIONS = itertools.count(1)


class Channel:
    """A channel that keeps accepted messages, and fails or waits on request."""

    def __init__(self) -> None:
        self.knows_ids = True
        self.tried: list[str] = []
        self.taken: list[tuple[str, Message]] = []
        self.failure: Exception | None = None
        self.fails_for = ""
        """Recipients to accept; empty means all."""
        self.open = asyncio.Event()
        self.open.set()

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        self.tried.append(message.id)
        await self.open.wait()
        if self.failure is not None and self.fails_for in ("", recipient):
            raise self.failure
        self.taken.append((recipient, message))

    def told(self, recipient: str) -> list[Message]:
        return [message for whom, message in self.taken if whom == recipient]


class Contended(Ledger):
    """A ledger that reaches its first claim simultaneously with another and claims row by row.

    Their claims interleave: one starts from the first row, the other from the last."""

    def __init__(self, world: World, meet: asyncio.Barrier, *, backwards: bool) -> None:
        super().__init__(*world.connected)
        self._meet: asyncio.Barrier | None = meet
        self._step = -1 if backwards else 1

    async def claim(self, changed: Sequence[Delivery]) -> list[Delivery]:
        sending = [row for row in changed if row.status is DeliveryStatus.SENDING]
        if sending and self._meet is not None:
            meet, self._meet = self._meet, None
            await asyncio.wait_for(meet.wait(), 20)
        one_by_one = [[each] for each in changed[:: self._step]]
        return [row for each in one_by_one for row in await super(Contended, self).claim(each)]


class Killed(BaseException):
    """Stands for the end of the process."""


class KilledBeforeView(Ledger):
    """A ledger killed after the topic has an outcome and before the view has it."""

    async def _first(self, changed: Sequence[Delivery], values: Sequence[bytes]) -> list[Delivery]:
        if any(row.channel is SMS and row.status.final for row in changed):
            raise Killed
        return await super()._first(changed, values)


class World:
    """One ledger, one clock, the channels, and any number of stages."""

    def __init__(self, elastic: Elastic, sender: Sender, settings: Settings) -> None:
        self.elastic = elastic
        self.sender = sender
        self.settings = settings
        self.clock = FixedClock(NOON)
        self.channels: dict[ChannelKind, Channel] = defaultdict(Channel)
        self.connected = (elastic, sender, self.clock, settings.bootstrap_servers)
        self.ledger = Ledger(*self.connected)

    @asynccontextmanager
    async def stage(
        self,
        *,
        quiet: QuietHours | None = None,
        gap: timedelta = timedelta(0),
        attempts: int = 8,
        parks: frozenset[ChannelKind] = frozenset(),
        ledger: Ledger | None = None,
        costs: CostRules | None = None,
        own: Mapping[ChannelKind, Sink] = MappingProxyType({}),
    ) -> AsyncIterator[DeliverStage]:
        rules = DeliveryRules(CountyDefaults(ZONE, quiet, gap), attempts, DAY, parks, costs)
        sinks: dict[ChannelKind, Sink] = {kind: self.channels[kind] for kind in ChannelKind}
        sinks |= own
        stage = DeliverStage(
            self.elastic,
            ledger or self.ledger,
            self.clock,
            sinks,
            self.channels[ChannelKind.WEBHOOK],
            MessageWriter("http://roost.test", b"k" * 32),
            rules,
            {},
            Outbox(outbox_path(self.settings)),
            ForeignRecords(self.elastic, NOTIFICATIONS, SOURCE, project_notifications),
        )
        async with stage.running():
            yield stage

    async def put(self, view: str, id: str, fact: dict[str, Any] | None, **columns: Any) -> None:
        """Write a document as the earlier stages do; without a fact it is erased."""
        version = next(_VERSIONS)
        said = {"erased": True} if fact is None else {"fact": fact} | columns
        write = Write(view, id, version, {"id": id, "version": version} | said)
        assert await self.elastic.write([write]) == []

    async def worker(self, reference: str, *channels: ChannelKind, **preferences: object) -> str:
        """Write a worker with these channels in addition to the inbox; SMS by default."""
        id = ids.worker_id("deliver", reference)
        reached = [{"kind": each.value, "address": reference} for each in channels or (SMS,)]
        await self.put("profiles", id, {"channels": reached, "preferences": preferences})
        return id

    async def news(
        self,
        worker: str,
        reference: str = "1",
        score: float = 80.0,
        kind: NotificationKind = NotificationKind.NEW_MATCH,
    ) -> Notification:
        """Return a notification of a match whose opening's title is the reference."""
        opening = ids.opening_id("deliver", reference)
        match = ids.match_id(opening, worker)
        said = {
            "title": reference,
            "hiringOrganization": {"id": reference, "name": f"{reference}公司"},
            "jobLocation": {"name": "大同市"},
        }
        await self.put("openings", opening, said)
        proposed = {"score": score, "reasons": [], "state": "proposed"}
        await self.put("matches", match, proposed, active=True)
        return notification(
            reference,
            worker,
            id=ids.notification_id(worker, reference, kind.value, 1),
            kind=kind,
            opening_id=opening,
            match_id=match,
            caused_at=self.clock.now(),
        )

    async def look(self, *stages: DeliverStage) -> None:
        """Let the stages poll the refreshed ledger until no due row is left."""
        await self.elastic.refresh("deliveries")
        await asyncio.gather(*(each.poll() for each in stages))
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until no deliverable row is left."""

        async def nothing() -> bool:
            return not await count_outstanding(self.elastic, self.clock.now())

        await until("what may go out is out", nothing, 20)

    async def rows(self, *of: Notification, channel: ChannelKind = SMS) -> list[Delivery]:
        """Return the current rows, in order."""
        wanted = [ids.delivery_id(each.id, channel.value) for each in of]
        found = await self.ledger.rows(wanted)
        return [found[id] for id in wanted]

    async def row(self, of: Notification, channel: ChannelKind = SMS) -> Delivery:
        return (await self.rows(of, channel=channel))[0]

    async def interrupted(self, *of: Notification, message_id: str) -> list[Delivery]:
        """Write rows of a stage that was killed while sending, a minute ago."""
        now = self.clock.now()
        begun = await self.ledger.record([rows.waiting(each, SMS, now, now) for each in of])
        taken = [rows.claimed(each, message_id, now, LEASE) for each in begun]
        assert await self.ledger.claim(taken) == taken
        self.clock.moment += LEASE + timedelta(seconds=1)
        return taken

    async def killed_before_view(self, of: Notification) -> None:
        """Let a stage send a row, record it in the topic, and be killed then."""
        async with self.stage(ledger=KilledBeforeView(*self.connected)) as stage:
            await stage.handle(facts(of))
            await asyncio.sleep(20)  # ended by the kill

    async def end_all(self) -> None:
        """End all rows, so that no later test sends them."""
        await self.elastic.refresh("deliveries")
        unended = {"terms": {"status": ["waiting", "sending"]}}
        page = await self.elastic.search("deliveries", {"size": 1_000, "query": unended})
        left = [Delivery.model_validate(hit.source["fact"]) for hit in page.hits]
        why = "the test is over"
        await self.ledger.record(
            [rows.ended(row, DeliveryStatus.SUPPRESSED, self.clock.now(), why) for row in left]
        )


def facts(*events: Notification | Receipt) -> list[Fact[Any]]:
    """Return records as facts."""
    return [
        decode_fact(
            Incoming(
                made.topic, 0, offset, made.key.encode(), made.value, NOON, tuple(made.headers)
            )
        )
        for offset, made in enumerate(
            record(each, each.id, source=SOURCE, at=NOON) for each in events
        )
    ]
