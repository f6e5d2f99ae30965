"""A lane on a ledger in memory: the messages sent, their ids, and the rows left for later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roost import ids
from roost.errors import Transient
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Hold,
    Notification,
    NotificationKind,
)
from roost.events.preferences import ChannelKind, DeliveryPreferences, QuietHours
from roost.events.profile import Channel
from roost.topics import STOPS
from streams.deliver import breaker, rows
from streams.deliver.claims import LEASE
from streams.deliver.contexts import Context, Contexts
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.lane import Lane
from streams.deliver.message_sender import AT_ONCE
from streams.deliver.messages import group_by_message
from streams.deliver.timing import CountyDefaults
from tests.unit.streams.in_memory import (
    NOON,
    WORKER,
    InMemoryElastic,
    PlainWords,
    Process,
    RecordingSink,
    World,
    notification,
    run,
)
from tests.unit.streams.test_timing import OPEN, SHANGHAI

S = DeliveryStatus
SMS, EMAIL, INBOX = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.INBOX
BOTH = (Channel(kind=SMS, address="138"), Channel(kind=EMAIL, address="a@b.cn"))
REACHABLE = Context(recipient={}, notice={}, channels=BOTH)
RULES = DeliveryRules(OPEN, 3, timedelta(hours=1))
URGENT = NotificationKind.INTERVIEW_SET


class KnownContexts(Contexts):
    """The same context for every notification, except those in `other`."""

    def __init__(self, process: Process) -> None:
        super().__init__(InMemoryElastic(process))
        self.usual = REACHABLE
        self.other: dict[str, Context | Exception] = {}
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def read(
        self, notifications: Sequence[Notification], *, inbox: bool = True
    ) -> list[Context]:
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        found = []
        for each in notifications:
            context = self.other.get(each.id, self.usual)
            if isinstance(context, Exception):
                raise context
            found.append(context)
        return found


@dataclass
class Stand:
    """A lane of text messages with its surroundings."""

    world: World = field(default_factory=World)
    rules: DeliveryRules = RULES
    backwards: bool = False

    def __post_init__(self) -> None:
        self.process = Process(self.world, backwards=self.backwards)
        self.ledger = self.process.ledger()
        self.sink = RecordingSink(self.process)
        self.contexts = KnownContexts(self.process)
        self.words = PlainWords()
        self.lane = Lane(
            SMS, self.sink, self.contexts, self.ledger, self.words, self.world.clock, self.rules
        )

    async def planned(self, *notifications: Notification) -> list[Delivery]:
        now = self.world.clock.now()
        return await self.ledger.record(
            [rows.waiting(each, SMS, now, now) for each in notifications]
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the lane and, as the stage does, poll the ledger for due rows."""
        looking = asyncio.create_task(self._look_again_and_again())
        task = asyncio.create_task(self.lane.run())
        yield
        looking.cancel()
        self.lane.close()
        await task

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(1)
            due = await self.ledger.due({SMS: self.lane.queue.in_hand()}, self.world.clock.now())
            self.lane.queue.put(due)

    async def send(self, *notifications: Notification, seconds: float = 1) -> None:
        """Plan these notifications and run the lane for a while."""
        made = await self.planned(*notifications)
        async with self.running():
            self.lane.queue.put(made)
            await asyncio.sleep(seconds)

    def status(self, notification: Notification, channel: ChannelKind = SMS) -> DeliveryStatus:
        return self.world.row(notification, channel).status


def batch(count: int, kind: NotificationKind = NotificationKind.POLICY_NEWS) -> list[Notification]:
    return [notification(kind) for _ in range(count)]


def people(count: int) -> list[Notification]:
    return [notification(recipient=ids.worker_id("p", str(each))) for each in range(count)]


def test_one_that_is_due_is_sent_under_its_own_id() -> None:
    stand, one = Stand(), notification()
    run(stand.send(one))
    assert [each.message_id for each in stand.sink.attempts] == [one.id]
    row = stand.world.row(one, SMS)
    assert (row.status, row.revision, row.attempts) == (S.SENT, 3, 1)
    assert [step.status for step in row.history] == [S.WAITING, S.SENDING, S.SENT]


def test_several_of_one_recipient_become_one_message() -> None:
    stand, some, other = Stand(), batch(3), notification(recipient=ids.worker_id("t", "2"))
    run(stand.send(*some, other))
    assert sorted(len(each.rows) for each in stand.sink.attempts) == [1, 3]
    merged = {stand.world.row(each, SMS).message_id for each in some}
    assert len(merged) == 1
    assert not merged & {each.id for each in some}


@settings(max_examples=50)
@given(st.permutations(range(5)), st.integers(2, 5))
def test_the_same_rows_get_the_same_id_in_whatever_order(order: list[int], count: int) -> None:
    some = [notification(number=each) for each in range(5)]

    def id_of(taken: Sequence[Notification]) -> str:
        made = [rows.waiting(each, SMS, NOON, NOON) for each in taken]
        (group,) = group_by_message([(row, REACHABLE, BOTH[0]) for row in made])
        return group.id

    first, second = order[:count], sorted(order[:count])
    assert id_of([some[each] for each in first]) == id_of([some[each] for each in second])
    assert id_of([some[each] for each in order[: count - 1]]) != id_of(
        [some[each] for each in first]
    )


def test_urgent_ones_and_those_to_stations_go_alone() -> None:
    for each in (notification(URGENT), notification(urgent=True)):
        stand = Stand()
        stand.contexts.usual = replace(REACHABLE, opening={}, match={"active": True})
        run(stand.send(each, *batch(2)))
        assert sorted(len(attempt.rows) for attempt in stand.sink.attempts) == [1, 2]
    stand, station = Stand(), ids.station_id("t")
    run(stand.send(*(notification(recipient=station) for _ in range(3))))
    assert [len(attempt.rows) for attempt in stand.sink.attempts] == [1, 1, 1]


def test_what_is_let_be_and_what_is_held_is_not_sent() -> None:
    stopped, held, gone = notification(), notification(), notification()
    stand = Stand(
        rules=replace(RULES, county=CountyDefaults(SHANGHAI, None, timedelta(minutes=10)))
    )
    night = DeliveryPreferences(quiet_hours=QuietHours(begins=time(11), ends=time(13)))
    stand.contexts.other = {
        stopped.id: replace(REACHABLE, stopped=True),
        held.id: replace(REACHABLE, telling=night),
        gone.id: replace(REACHABLE, channels=BOTH[1:]),
    }
    run(stand.send(stopped, held, gone))
    assert stand.sink.attempts == []
    assert stand.status(stopped) is stand.status(gone) is S.SUPPRESSED
    assert stand.world.row(gone, BOTH[1].kind).status is S.WAITING, "told where there is a way"
    row = stand.world.row(held, SMS)
    assert (row.status, row.held_by, row.due_at) == (
        S.WAITING,
        Hold.QUIET,
        NOON + timedelta(hours=1),
    )


def test_who_was_told_just_now_is_told_the_rest_in_one_message_after_the_gap() -> None:
    stand = Stand(
        rules=replace(RULES, county=CountyDefaults(SHANGHAI, None, timedelta(minutes=10)))
    )
    first, further = notification(), batch(2)

    async def flow() -> None:
        made = [await stand.planned(each) for each in (first, *further)]
        async with stand.running():
            for row in made:
                stand.lane.queue.put(row)
                await asyncio.sleep(30)
            assert len(stand.sink.attempts) == 1
            assert {row.held_by for row in stand.world.rows()} == {None, Hold.THROTTLE}
            await asyncio.sleep(600)

    run(flow())
    assert [len(each.rows) for each in stand.sink.attempts] == [1, 2]


def test_a_channel_that_fails_is_tried_again_and_again_and_then_the_next_one_is_due() -> None:
    stand, one = Stand(), notification()
    stand.sink.answers = [Transient("away")] * 3
    run(stand.send(one, seconds=120))
    assert len(stand.sink.attempts) == RULES.attempts
    assert {each.message_id for each in stand.sink.attempts} == {one.id}
    row = stand.world.row(one, SMS)
    assert (row.status, row.attempts, row.detail) == (S.FAILED, 3, "away")
    assert stand.status(one, EMAIL) is S.WAITING
    assert stand.world.row(one, EMAIL).held_by is None
    assert stand.world.dead_letters() == 1


def test_what_is_not_taken_is_not_tried_again() -> None:
    stand, one = Stand(), notification()
    stand.sink.answers = [DeliveryRefused("no such number")]
    run(stand.send(one, seconds=400))
    assert len(stand.sink.attempts) == 1
    assert stand.status(one) is S.FAILED
    assert stand.status(one, EMAIL) is S.WAITING


def test_a_receiver_that_says_when_is_left_alone_until_then() -> None:
    stand = Stand()
    stand.sink.answers = [RetryLater("busy", 300.0)]
    run(stand.send(notification(), seconds=400))
    first, second = stand.sink.attempts
    assert second.at - first.at >= timedelta(seconds=300)


def test_what_may_stay_unread_waits_on_the_next_channel() -> None:
    stand, one = Stand(), notification(NotificationKind.REQUEST_ANSWERED)
    run(stand.send(one))
    row = stand.world.row(one, EMAIL)
    assert (row.status, row.held_by) == (S.WAITING, Hold.UNREAD)
    assert row.due_at >= NOON + RULES.unread_after


def test_a_stations_message_is_never_merged_with_others() -> None:
    stand = Stand()
    message = notification(NotificationKind.STATION_MESSAGE)
    run(stand.send(message, *batch(3)))
    assert sorted(len(each.rows) for each in stand.sink.attempts) == [1, 3]


def test_what_was_tried_together_stays_together() -> None:
    stand = Stand()
    stand.sink.answers = [Transient("away")] * 2
    some = batch(3)
    run(stand.send(*some, seconds=120))
    assert [len(each.rows) for each in stand.sink.attempts] == [3, 3, 3]
    assert len({each.message_id for each in stand.sink.attempts}) == 1


def test_what_was_tried_together_stays_together_when_a_probe_is_let_through() -> None:
    stand, some = Stand(), batch(3)
    stand.sink.answers = [Transient("away")] * breaker.FAILURES
    run(stand.send(*people(breaker.FAILURES - 1), *some, seconds=120))
    merged = [each for each in stand.sink.attempts if each.recipient == WORKER]
    assert len(merged) > 1
    assert {(len(each.rows), each.message_id) for each in merged} == {(3, merged[0].message_id)}
    assert all(stand.sink.told()[f"{each.id}.sms"] == 1 for each in some)


def test_while_the_breaker_is_open_one_is_tried_and_the_others_lose_no_try() -> None:
    stand, many = Stand(rules=replace(RULES, attempts=30)), people(40)
    stand.sink.answers = [Transient("away")] * 18

    async def flow() -> None:
        made = await stand.planned(*many)
        async with stand.running():
            stand.lane.queue.put(made)
            await asyncio.sleep(4)
            # Messages in flight when it opened were finished; no others were begun.
            assert breaker.FAILURES <= len(stand.sink.attempts) <= AT_ONCE
            await asyncio.sleep(10)
            assert len(stand.sink.attempts) <= AT_ONCE + 2, "probes, one at a time"
            tries = sum(row.attempts for row in stand.world.rows())
            assert tries == len(stand.sink.attempts)
            await asyncio.sleep(120)

    run(flow())
    assert all(stand.status(each) is S.SENT for each in many)
    assert sum(row.attempts for row in stand.world.rows()) == len(stand.sink.attempts)


def test_when_a_channel_comes_back_after_a_fault_of_the_stage_it_is_used_again() -> None:
    stand, many = Stand(), people(12)
    stand.sink.answers = [
        *[Transient("away")] * 5,
        RuntimeError("a fault"),
        RuntimeError("a fault"),
    ]
    run(stand.send(*many, seconds=400))
    assert all(row.status.final for row in stand.world.rows() if row.channel is SMS)
    assert len([each for each in many if stand.status(each) is S.FAILED]) == 2


def test_when_the_lease_is_nearly_over_nothing_is_sent_and_no_try_is_lost() -> None:
    stand, one = Stand(), notification()

    class Slow(PlainWords):
        def write(self, *args: object) -> object:  # type: ignore[override]
            if not stand.sink.attempts and stand.world.clock.moment == NOON:
                stand.world.clock.moment = NOON + LEASE - timedelta(seconds=5)
            return super().write(*args)  # type: ignore[arg-type]

    stand.lane = Lane(
        SMS, stand.sink, stand.contexts, stand.ledger, Slow(), stand.world.clock, RULES
    )
    run(stand.send(one))
    (attempt,) = stand.sink.attempts
    row = stand.world.row(one, SMS)
    assert (row.status, row.attempts) == (S.SENT, 1)
    assert row.revision == 5, "claimed, given back, claimed again, sent"
    assert attempt.message_id == one.id


def test_of_two_processes_that_have_the_same_rows_in_hand_one_sends_each() -> None:
    world, some = World(), [*people(5), *batch(2)]
    one, other = Stand(world), Stand(world)

    async def flow() -> None:
        made = await one.planned(*some)
        async with one.running(), other.running():
            one.lane.queue.put(made)
            other.lane.queue.put(made)
            await asyncio.sleep(5)

    run(flow())
    told = one.sink.told() + other.sink.told()
    assert set(told.values()) == {1}
    assert len(told) == len(some)


@pytest.mark.parametrize("missed", [0, 1])
def test_two_processes_that_merge_the_same_rows_send_each_once_under_ids_of_their_own(
    missed: int,
) -> None:
    """An id always covers the same rows, or the receiver drops some of them as a repeat.

    The winner of the first row has the message; a sender that lacks it may still win some rows."""
    world, some = World(), batch(4)
    one, other = Stand(world), Stand(world, backwards=True)

    async def flow() -> None:
        made = sorted(await one.planned(*some), key=lambda row: row.id)
        async with one.running(), other.running():
            one.lane.queue.put(made)
            other.lane.queue.put(made[missed:])
            await asyncio.sleep(5)

    run(flow())
    attempts = [*one.sink.attempts, *other.sink.attempts]
    assert len(attempts) == 1 + missed
    assert sum(len(each.rows) for each in attempts) == len(some)
    assert len({each.message_id for each in attempts}) == len(attempts)
    for row in world.rows():
        assert row.status is S.SENT
        assert [row.message_id] == [each.message_id for each in attempts if row.id in each.rows]


def test_a_row_that_cannot_be_put_into_words_fails_alone() -> None:
    stand = Stand()
    alone, merged, others = notification(recipient=ids.worker_id("t", "9")), batch(3), people(3)[2:]
    stand.words.unspeakable = {alone.id, merged[1].id}
    run(stand.send(*others, alone, *merged))
    assert stand.status(alone) is stand.status(merged[1]) is S.FAILED
    assert "ValueError" in stand.world.row(alone, SMS).detail
    told = [*others, merged[0], merged[2]]
    assert all(stand.status(each) is S.SENT for each in told)
    assert stand.sink.told() == {f"{each.id}.sms": 1 for each in told}
    assert len(stand.sink.attempts) == 2


def test_a_row_whose_facts_cannot_be_read_fails_alone_and_the_others_are_held_once() -> None:
    stand, bad, good = Stand(), notification(), batch(3)
    stand.contexts.other = {bad.id: ValueError("broken")}
    stand.sink.answers = [Transient("away")]
    run(stand.send(good[0], bad, *good[1:], seconds=20))
    assert stand.status(bad) is S.FAILED
    assert all(stand.status(each) is S.SENT for each in good)
    assert len(stand.lane.queue) == 0
    assert set(stand.sink.told().values()) == {1}
    assert stand.world.row(good[0], SMS).attempts <= 2


def test_a_fault_of_a_sink_fails_what_was_sent_and_nothing_else() -> None:
    stand, some = Stand(), people(4)
    stand.sink.answers = [RuntimeError("a fault")]
    run(stand.send(*some))
    assert sorted(stand.status(each) for each in some) == [S.FAILED, S.SENT, S.SENT, S.SENT]
    assert len(stand.sink.attempts) == 4


def test_closing_lets_what_is_under_way_finish_and_begins_nothing() -> None:
    stand, one, late = Stand(), notification(), people(2)[1]
    stand.sink.answers = [8.0]

    async def flow() -> None:
        made = await stand.planned(one, late)
        task = asyncio.create_task(stand.lane.run())
        stand.lane.queue.put(made[:1])
        await asyncio.sleep(1)
        stand.lane.close()
        stand.lane.queue.put(made[1:])
        await task

    run(flow())
    assert stand.status(one) is S.SENT
    assert stand.status(late) is S.WAITING


def test_a_receipt_that_comes_amid_sending_does_not_undo_that_it_was_sent() -> None:
    stand, one = Stand(), notification()
    stand.sink.answers = [5.0]

    async def flow() -> None:
        made = await stand.planned(one)
        async with stand.running():
            stand.lane.queue.put(made)
            await asyncio.sleep(2)
            noted = rows.receipted(stand.world.row(one, SMS), "read", stand.world.clock.now())
            assert noted is not None
            assert await stand.ledger.record([noted])
            await asyncio.sleep(10)

    run(flow())
    row = stand.world.row(one, SMS)
    assert (row.status, row.read_at is not None) == (S.SENT, True)


def test_a_kill_between_the_end_of_one_channel_and_the_next_loses_neither() -> None:
    for steps in range(40):
        stand, one = Stand(), notification()
        stand.sink.answers = [DeliveryRefused("no such number")]

        async def flow(stand: Stand = stand, one: Notification = one, steps: int = steps) -> None:
            made = await stand.planned(one)
            stand.process.steps_left = steps
            task = asyncio.create_task(stand.lane.run())
            stand.lane.queue.put(made)
            await asyncio.sleep(5)
            task.cancel()

        run(flow())
        if stand.status(one) is S.FAILED:
            assert stand.status(one, EMAIL) is S.WAITING


def test_a_row_that_was_planned_just_now_is_not_read_again() -> None:
    stand, one = Stand(), notification()
    stand.contexts.other = {one.id: ValueError("read again")}

    async def flow() -> None:
        made = await stand.planned(one)
        stand.lane.planned.add(made[0], REACHABLE)
        async with stand.running():
            stand.lane.queue.put(made)
            await asyncio.sleep(1)

    run(flow())
    assert len(stand.sink.attempts) == 1


def test_a_plan_that_is_older_than_a_second_is_read_again() -> None:
    stand, one = Stand(), notification()
    stand.contexts.usual = replace(REACHABLE, stopped=True)

    async def flow() -> None:
        made = await stand.planned(one)
        stand.lane.planned.add(made[0], REACHABLE)
        await asyncio.sleep(1.1)
        async with stand.running():
            stand.lane.queue.put(made)
            await asyncio.sleep(1)

    run(flow())
    assert stand.sink.attempts == []
    assert stand.status(one) is S.SUPPRESSED


def test_what_changes_between_plan_and_claim_is_judged_again() -> None:
    stand, one = Stand(), notification()
    stand.world.put(STOPS.name, WORKER, 1, {"stopped": False})
    planned = replace(REACHABLE, versions={(STOPS.name, WORKER): 1})
    stand.contexts.usual = replace(REACHABLE, stopped=True, versions={(STOPS.name, WORKER): 2})

    async def flow() -> None:
        made = await stand.planned(one)
        stand.lane.planned.add(made[0], planned)
        stand.world.put(STOPS.name, WORKER, 2, {"stopped": True})
        async with stand.running():
            stand.lane.queue.put(made)
            await asyncio.sleep(1)

    run(flow())
    assert stand.sink.attempts == []
    row = stand.world.row(one, SMS)
    assert (row.status, row.detail) == (S.SUPPRESSED, "stopped by the recipient")


def test_a_document_that_changes_all_the_time_does_not_keep_a_lane_busy() -> None:
    stand, one = Stand(), notification()
    stand.world.put(STOPS.name, WORKER, 2, {"stopped": False})
    stand.contexts.usual = replace(REACHABLE, versions={(STOPS.name, WORKER): 1})
    run(stand.send(one, seconds=10))
    row = stand.world.row(one, SMS)
    assert stand.sink.attempts == []
    assert row.status is S.WAITING
    assert row.attempts == 0
    assert row.revision < 30, "it is claimed and released about once a second"
