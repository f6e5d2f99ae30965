"""The deliver stage: repeated plans, taken-over rows, receipts and erasures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from roost import ids
from roost.errors import Transient
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt, ReceiptKind
from roost.kafka.incoming import Fact, Incoming
from roost.topics import (
    DELIVERIES,
    EMPLOYERS,
    MATCHES,
    NOTICES,
    NOTIFICATIONS,
    OPENINGS,
    PREFERENCES,
    PROFILES,
    RECEIPTS,
    Topic,
)
from roost.views.answers import Write
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.planning import PATIENCE, RECIPIENT_ERASED, plan
from tests.unit.streams.in_memory import (
    NOON,
    WORKER,
    InMemoryElastic,
    InMemoryLedger,
    InMemoryOutbox,
    OutboxChannel,
    PlainWords,
    Process,
    RecordingSink,
    SentText,
    World,
    foreign_records,
    incoming,
    notification,
    run,
)
from tests.unit.streams.test_lane import RULES
from tests.unit.streams.test_planning import KNOWN, THREE
from tests.unit.streams.test_timing import OPEN

S = DeliveryStatus
SMS, INBOX = ChannelKind.SMS, ChannelKind.INBOX


class Stand:
    """A process of the stage in which one sink serves every channel."""

    def __init__(
        self,
        world: World,
        rules: DeliveryRules = RULES,
        *,
        knows_ids: bool = True,
        outbox: InMemoryOutbox | None = None,
        takes_s: float = 0.0,
    ) -> None:
        self.world = world
        self.process = Process(world)
        self.sink = RecordingSink(self.process, knows_ids)
        self.outbox = outbox or InMemoryOutbox()
        """If given, every channel writes to it."""
        channel = OutboxChannel(self.process, outbox, takes_s) if outbox else self.sink
        self.ledger = self.process.ledger()
        self.stage = DeliverStage(
            InMemoryElastic(self.process),
            self.ledger,
            world.clock,
            dict.fromkeys(ChannelKind, channel),
            self.sink,
            PlainWords(),
            rules,
            {},
            self.outbox,
            foreign_records(self.process),
        )


def world(*known: Notification) -> World:
    made = World()
    made.put(PROFILES.name, WORKER, 1, {"channels": [{"kind": "sms", "address": "138"}]})
    for each in known:
        made.put(NOTICES.name, str(each.notice_id), 1, {})
    return made


def fact(topic: Topic, said: Any) -> Fact[Any]:
    return Fact("key", said, incoming(topic, "key"))


def test_what_two_processes_plan_at_once_is_told_once() -> None:
    one = notification()
    around = world(one)
    both = [Stand(around), Stand(around)]

    async def flow() -> None:
        async with both[0].stage.running(), both[1].stage.running():
            facts = [fact(NOTIFICATIONS, one), fact(NOTIFICATIONS, one)]
            await asyncio.gather(*(each.stage.handle(facts) for each in both))
            await asyncio.sleep(5)

    run(flow())
    assert sum(len(each.sink.attempts) for each in both) == 1
    assert {row.channel: row.status for row in around.rows()} == {INBOX: S.SENT, SMS: S.SENT}


def test_what_is_planned_again_after_it_was_told_is_not_told_again() -> None:
    one = notification()
    stand = Stand(world(one))

    async def flow() -> None:
        async with stand.stage.running():
            for _ in range(3):
                await stand.stage.handle([fact(NOTIFICATIONS, one)])
                await asyncio.sleep(2)

    run(flow())
    assert len(stand.sink.attempts) == 1


class WatchedWorld(World):
    """A world that keeps the versions written to the ledger, by row."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[str, list[int]] = {}

    def write(self, write: Write, *, equal: bool) -> bool:
        applied = super().write(write, equal=equal)
        if applied and write.view == DELIVERIES.name:
            self.versions.setdefault(write.id, []).append(write.version)
        return applied


def test_a_message_that_is_sent_at_once_is_written_twice() -> None:
    one, other = notification(), notification()
    around = WatchedWorld()
    for known in (one, other):
        around.put(NOTICES.name, str(known.notice_id), 1, {})
    around.put(PROFILES.name, WORKER, 1, {"channels": [{"kind": "sms", "address": "138"}]})
    stand = Stand(around)

    async def flow() -> None:
        async with stand.stage.running():
            for each in (one, other):
                await stand.stage.handle([fact(NOTIFICATIONS, each)])
                assert around.row(each, SMS).status in {S.SENDING, S.SENT}
                await asyncio.sleep(2)

    run(flow())
    assert [around.versions[around.row(each, SMS).id] for each in (one, other)] == [[2, 3]] * 2
    assert len(stand.sink.attempts) == 2


def test_a_plan_behind_a_paused_channel_waits_in_the_view() -> None:
    stand = Stand(world(*(some := [notification() for _ in range(8)])))
    stand.sink.answers = [Transient("away") for _ in range(5)]

    async def flow() -> None:
        async with stand.stage.running():
            for each in some:
                await stand.stage.handle([fact(NOTIFICATIONS, each)])
                assert around.row(each, SMS)
                await asyncio.sleep(0.5)
            assert around.row(some[-1], SMS).revision == 1
            await asyncio.sleep(600)

    around = stand.world
    run(flow())
    assert all(around.row(each, SMS).status is S.SENT for each in some)


@pytest.mark.parametrize("steps", range(28))
def test_a_plan_that_a_kill_cut_off_is_sent_as_one_message(steps: int) -> None:
    """The batch is not committed, so another process gets it; a send in flight has the same id."""
    one = notification()
    around = world(one)
    killed, next_one = Stand(around), Stand(around)
    killed.process.steps_left = steps

    async def flow() -> None:
        async with next_one.stage.running():
            cut_off = asyncio.create_task(run_stage(killed, one))
            await asyncio.sleep(3)
            await next_one.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(LEASE.total_seconds() + 10)
            cut_off.cancel()

    run(flow())
    attempts = [*killed.sink.attempts, *next_one.sink.attempts]
    assert {attempt.message_id for attempt in attempts} == {one.id}
    assert {row.status for row in around.rows()} == {S.SENT}


async def run_stage(stand: Stand, planned: Notification) -> None:
    async with stand.stage.running():
        await stand.stage.handle([fact(NOTIFICATIONS, planned)])
        await asyncio.Event().wait()


def interrupted(stand: Stand, some: list[Notification]) -> None:
    """Kill a process that is sending these as one message, and run the stage on."""
    message = ids.derive("n", "message")

    async def flow() -> None:
        made = [rows.waiting(each, SMS, NOON, NOON) for each in some]
        await stand.ledger.record(made)
        await stand.ledger.claim([rows.claimed(row, message, NOON, LEASE) for row in made])
        async with stand.stage.running():
            await asyncio.sleep(LEASE.total_seconds() + 10)

    run(flow())


def test_what_a_kill_cut_off_is_sent_again_as_the_same_message() -> None:
    some = [notification() for _ in range(3)]
    stand = Stand(world(*some))
    interrupted(stand, some)
    (attempt,) = stand.sink.attempts
    assert len(attempt.rows) == 3
    assert {row.message_id for row in stand.world.rows()} == {attempt.message_id}


def test_on_a_channel_that_knows_no_ids_it_is_parked_when_that_is_wanted() -> None:
    some = [notification() for _ in range(2)]
    parking = replace(RULES, parks=frozenset({SMS}))
    stand = Stand(world(*some), parking, knows_ids=False)
    interrupted(stand, some)
    assert stand.sink.attempts == []
    assert {row.status for row in stand.world.rows()} == {S.PARKED}
    assert stand.world.dead_letters() == 2
    knowing = Stand(world(*some), parking)
    interrupted(knowing, some)
    assert len(knowing.sink.attempts) == 1


def test_a_receipt_is_noted_once_on_every_row_and_only_if_it_is_the_recipients() -> None:
    one = notification()
    stand = Stand(world(one))
    receipt = Receipt(
        id=ids.derive("r", "1"),
        notification_id=one.id,
        recipient=one.recipient,
        kind=ReceiptKind.READ,
        at=NOON,
    )
    other = one.recipient.model_copy(update={"id": ids.worker_id("t", "other")})

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(2)
            foreign = receipt.model_copy(update={"recipient": other})
            await stand.stage.handle([fact(RECEIPTS, foreign)])
            assert all(row.read_at is None for row in stand.world.rows())
            for _ in range(2):
                await stand.stage.handle([fact(RECEIPTS, receipt)])

    run(flow())
    assert {row.channel: row.read_at for row in stand.world.rows()} == {INBOX: NOON, SMS: NOON}
    for row in stand.world.rows():
        assert [step.why for step in row.history].count("read") == 1


def planned_twice(around: World, one: Notification, meanwhile: Callable[[], None]) -> Stand:
    """Plan a notification, let something change, and read it from the topic again."""
    stand = Stand(around)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(2)
            meanwhile()
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(2)

    run(flow())
    return stand


def test_what_was_told_is_not_told_again_on_a_channel_that_was_chosen_since() -> None:
    one = notification()
    around = world(one)
    email = {"channels": [{"kind": "email", "address": "a@b.cn"}]}
    stand = planned_twice(around, one, lambda: around.put(PROFILES.name, WORKER, 2, email))
    assert len(stand.sink.attempts) == 1
    assert {row.channel for row in around.rows()} == {INBOX, SMS}


@pytest.mark.parametrize("listed", [(), ("email", "sms")])
def test_what_was_not_to_be_told_is_not_told_later_because_it_is_read_again(
    listed: tuple[str, ...],
) -> None:
    one = notification()
    around = world(one)
    kinds = {"channelsByKind": {one.kind.value: listed}} if listed else {}
    around.put(PREFERENCES.name, WORKER, 1, {"muted": True, **kinds})
    unmuted = {"muted": False}
    stand = planned_twice(around, one, lambda: around.put(PREFERENCES.name, WORKER, 2, unmuted))
    assert stand.sink.attempts == []
    assert [(row.channel, row.status) for row in around.rows()] == [(INBOX, S.SUPPRESSED)]


def test_a_plan_that_a_kill_cut_short_is_made_whole() -> None:
    one = notification()
    around = world(one)
    stand = Stand(around)

    async def flow() -> None:
        inbox, _ = plan(one, replace(KNOWN, channels=THREE[:1]), OPEN, NOON)
        await stand.ledger.record([inbox])
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(5)

    run(flow())
    assert {row.channel: row.status for row in around.rows()} == {INBOX: S.SENT, SMS: S.SENT}


def of_match(around: World) -> Notification:
    opening = ids.opening_id("t", "1")
    around.put(OPENINGS.name, opening, 1, {"title": "焊工"})
    return Notification(
        id=ids.notification_id(WORKER, opening, "new_match", 2),
        recipient=Recipient(kind=RecipientKind.WORKER, id=WORKER),
        kind=NotificationKind.NEW_MATCH,
        opening_id=opening,
        match_id=ids.match_id(opening, WORKER),
        version=2,
        caused_at=NOON,
    )


@pytest.mark.parametrize("before", [None, {"round": 1, "state": "expired"}])
def test_a_match_that_is_told_before_it_stands_in_the_view_is_waited_for(
    before: dict[str, Any] | None,
) -> None:
    """The queue stage publishes a match, then writes it; until then it is not erased."""
    around = world()
    one = of_match(around)
    key = (MATCHES.name, str(one.match_id))
    if before:
        around.documents[key] = (1, {"version": 1, "active": False, "fact": before})
    stand = Stand(around)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(20)
            assert stand.sink.attempts == []
            proposed = {"round": 2, "state": "proposed"}
            around.documents[key] = (2, {"version": 2, "active": True, "fact": proposed})
            await asyncio.sleep(30)

    run(flow())
    assert len(stand.sink.attempts) == 1
    assert {row.channel: row.status for row in around.rows()} == {INBOX: S.SENT, SMS: S.SENT}


def test_a_match_that_never_comes_into_the_view_leaves_a_dead_letter() -> None:
    around = world()
    one = of_match(around)
    stand = Stand(around)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(PATIENCE.total_seconds() + 300)

    run(flow())
    assert stand.sink.attempts == []
    assert around.row(one, SMS).status is S.FAILED
    assert around.dead_letters() == 1


# --- the erasure of a worker


ERASED_AT = NOON


def tombstone(version: int, at: datetime = ERASED_AT) -> Fact[Any]:
    return Fact(WORKER, None, Incoming(PROFILES, 0, version - 1, WORKER.encode(), None, at))


def erase_in_view(around: World, version: int = 2) -> None:
    """Apply the tombstone to the view, as the index stage does."""
    around.put(PROFILES.name, WORKER, version, None)


async def erase(stage: DeliverStage, *tombstones: Fact[Any]) -> None:
    """Let the stage read tombstones; return once their texts are erased."""
    await stage.handle(tombstones)
    await stage._erasure.drained()


def left_texts(outbox: InMemoryOutbox) -> list[SentText]:
    return [line for line in outbox.lines if line.recipient == WORKER and not line.erased]


def test_a_text_is_erased_only_once_the_view_shows_it_and_delays_no_planning() -> None:
    around, outbox = world(), InMemoryOutbox([SentText(WORKER, NOON), SentText("w-other", NOON)])
    stand = Stand(around, outbox=outbox)

    async def flow() -> None:
        async with stand.stage.running():
            handled = asyncio.create_task(erase(stand.stage, tombstone(2)))
            await asyncio.sleep(60)
            assert not handled.done()
            assert outbox.erasures == 0
            await asyncio.wait_for(stand.stage.handle([tombstone(2)]), 0.1)
            erase_in_view(around)
            await asyncio.wait_for(handled, 6)

    run(flow())
    assert left_texts(outbox) == []
    assert [line.erased for line in outbox.lines] == [True, False]


def test_a_delivery_in_flight_ends_before_its_text_is_erased() -> None:
    one = notification()
    around, outbox = world(one), InMemoryOutbox()
    stand = Stand(around, outbox=outbox, takes_s=3)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(1)
            assert outbox.lines == [], "it is being sent"
            erase_in_view(around)
            await erase(stand.stage, tombstone(2))
            assert len(outbox.lines) == 1
            await asyncio.sleep(100)

    run(flow())
    assert left_texts(outbox) == []


@pytest.mark.parametrize("asleep_s", [5, 90])
@pytest.mark.parametrize("steps", range(8, 32))
def test_no_text_is_left_wherever_another_process_was_stopped(steps: int, asleep_s: float) -> None:
    one = notification()
    around, outbox = world(one), InMemoryOutbox()
    sender, eraser = Stand(around, outbox=outbox), Stand(around, outbox=outbox)
    sender.process.stalls_in = steps

    async def flow() -> None:
        async with sender.stage.running(), eraser.stage.running():
            planned = asyncio.create_task(sender.stage.handle([fact(NOTIFICATIONS, one)]))
            await asyncio.sleep(3)
            erase_in_view(around)
            handled = asyncio.create_task(erase(eraser.stage, tombstone(2)))
            await asyncio.sleep(asleep_s)
            sender.process.awake.set()
            await planned
            await asyncio.wait_for(handled, LEASE.total_seconds() + 10)
            await asyncio.sleep(200)

    run(flow())
    assert left_texts(outbox) == []
    assert around.row(one, INBOX).status.final


def test_who_was_erased_after_the_claim_is_sent_nothing() -> None:
    one = notification()
    around, outbox = world(one), InMemoryOutbox()
    stand = Stand(around, outbox=outbox)

    class ErasedAfterClaim(InMemoryLedger):
        async def claim(self, changed: Sequence[Delivery]) -> list[Delivery]:
            won = await super().claim(changed)
            if won:
                erase_in_view(around)
            return won

    stand.stage._ledger = ErasedAfterClaim(stand.process)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(5)

    run(flow())
    assert outbox.lines == []
    assert around.row(one, SMS).status is S.SUPPRESSED
    assert around.row(one, SMS).detail == RECIPIENT_ERASED


def test_a_tombstone_that_is_read_again_changes_nothing() -> None:
    around, outbox = world(), InMemoryOutbox([SentText(WORKER, NOON)])
    stand = Stand(around, outbox=outbox)
    erase_in_view(around)

    async def flow() -> None:
        async with stand.stage.running():
            await erase(stand.stage, tombstone(2))
            lines = [replace(line) for line in outbox.lines]
            await asyncio.wait_for(erase(stand.stage, *[tombstone(2)] * 3), 1)
            assert outbox.lines == lines

    run(flow())


def test_who_registered_again_keeps_the_texts_since_the_tombstone() -> None:
    later = ERASED_AT + timedelta(minutes=1)
    around = world()
    outbox = InMemoryOutbox([SentText(WORKER, ERASED_AT), SentText(WORKER, later)])
    stand = Stand(around, outbox=outbox)
    around.put(PROFILES.name, WORKER, 3, {"channels": []})

    async def flow() -> None:
        async with stand.stage.running():
            await asyncio.wait_for(erase(stand.stage, tombstone(2)), 1)

    run(flow())
    assert [line.erased for line in outbox.lines] == [True, False]


def test_texts_that_an_ended_process_did_not_erase_are_found_by_the_next() -> None:
    around, outbox = world(), InMemoryOutbox([SentText(WORKER, NOON), SentText("w-other", NOON)])
    stand = Stand(around, outbox=outbox)
    erase_in_view(around)

    async def flow() -> None:
        async with stand.stage.running():
            await asyncio.sleep(1)

    run(flow())
    assert [line.erased for line in outbox.lines] == [True, False]


EMPLOYER = ids.employer_key("site-1")


def test_the_texts_to_an_erased_employers_contact_are_erased() -> None:
    around, outbox = world(), InMemoryOutbox([SentText(EMPLOYER, NOON), SentText(WORKER, NOON)])
    stand = Stand(around, outbox=outbox)
    record = Incoming(EMPLOYERS, 0, 1, EMPLOYER.encode(), None, ERASED_AT)

    async def flow() -> None:
        async with stand.stage.running():
            handled = asyncio.create_task(erase(stand.stage, Fact(EMPLOYER, None, record)))
            await asyncio.sleep(60)
            assert outbox.erasures == 0, "the view does not show the erasure yet"
            around.put(EMPLOYERS.name, EMPLOYER, 2, None)
            await asyncio.wait_for(handled, 6)

    run(flow())
    assert [line.erased for line in outbox.lines] == [True, False]


@pytest.mark.parametrize(
    ("stored", "erased"),
    [
        (None, True),
        ({"channels": []}, True),
        ({"language": "zh"}, True),
        ({"channels": [{"kind": "email", "address": "hr@example.com"}]}, False),
    ],
)
def test_texts_to_an_employer_without_a_channel_are_found_by_the_sweep(
    stored: Any, erased: bool
) -> None:
    around, outbox = world(), InMemoryOutbox([SentText(EMPLOYER, NOON)])
    stand = Stand(around, outbox=outbox)
    around.put(EMPLOYERS.name, EMPLOYER, 2, stored)

    async def flow() -> None:
        async with stand.stage.running():
            await asyncio.sleep(1)

    run(flow())
    assert [line.erased for line in outbox.lines] == [erased]
