"""The queue of a lane: each row once, by due time, and the rows of a message together."""

from __future__ import annotations

import asyncio
import itertools
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from roost import ids
from roost.events.notification import Delivery
from roost.events.preferences import ChannelKind
from roost.time.clock import Clock
from streams.deliver import rows
from streams.deliver.due_queue import BUSY, PER_RECEIVER, SOON, DueQueue, InHand, OpenGate
from tests.unit.streams.in_memory import NOON, CountedClock, notification, run

_number = itertools.count()
MESSAGE = ids.derive("n", "message")


def due(seconds: float = 0, message_id: str | None = None, worker: str | None = None) -> Delivery:
    """Return a row of a new worker, unless one is named."""
    own = ids.derive("w", worker or str(next(_number)))
    at = NOON + timedelta(seconds=seconds)
    row = rows.waiting(notification(recipient=own), ChannelKind.SMS, NOON, at)
    return row.model_copy(update={"message_id": message_id})


def queue(room: int = 100) -> DueQueue:
    return DueQueue(CountedClock(NOON), room)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 5))
def test_all_come_out_once_in_the_order_in_which_they_are_due(
    seconds: list[int], most: int
) -> None:
    made = [due(each) for each in seconds]

    async def flow() -> list[Delivery]:
        hand = queue()
        taken: list[Delivery] = []
        hand.put(made)
        hand.put(made)
        while len(taken) < len(made):
            some = await hand.take(most)
            assert 0 < len(some) <= most
            assert all(row.due_at <= hand._clock.now() for row in some)
            taken += some
        assert len(hand) == 0
        return taken

    taken = run(flow())
    assert [row.due_at for row in taken] == sorted(row.due_at for row in made)
    assert {row.id for row in taken} == {row.id for row in made}


def test_what_is_in_hand_is_not_taken_again_until_it_is_done() -> None:
    async def flow() -> None:
        hand, row = queue(), due()
        hand.put([row])
        assert await hand.take(9) == [row]
        hand.put([row])
        assert len(hand) == 0
        hand.done([row])
        hand.put([row])
        assert await hand.take(9) == [row]

    run(flow())


def test_what_one_worker_is_due_is_taken_together_beyond_what_was_asked_for() -> None:
    async def flow() -> None:
        hand = queue()
        mine = [due(each, worker="li") for each in (0, 2, 4)]
        other, later = due(1), due(30, worker="li")
        hand.put([mine[0], other, *mine[1:], later])
        await asyncio.sleep(5)
        assert await hand.take(1) == mine
        assert await hand.take(1) == [other]

    run(flow())


def test_rows_that_were_tried_together_are_taken_together_and_others_are_not() -> None:
    async def flow() -> None:
        hand = queue()
        first, second = due(0, MESSAGE, "li"), due(2, MESSAGE, "li")
        between, late = due(1), due(30, MESSAGE, "li")
        hand.put([first, between, second, late])
        await asyncio.sleep(3)
        assert await hand.take(1) == [first, second]
        assert await hand.take(9) == [between]
        assert len(hand) == 1

    run(flow())


def test_it_keeps_so_many_and_no_more_and_has_room_again() -> None:
    async def flow() -> None:
        hand = queue(room=2)
        made = [due(), due(), due()]
        hand.put(made)
        assert len(hand) == 2
        hand.done(await hand.take(9))
        hand.put(made[2:])
        assert await hand.take(9) == made[2:]

    run(flow())


def test_a_night_of_held_messages_takes_no_room_from_what_is_due() -> None:
    async def flow() -> None:
        hand, urgent = queue(room=5), due()
        hand.put(due(SOON.total_seconds() + 1 + each) for each in range(10))
        hand.put([urgent])
        assert await hand.take(9) == [urgent]

    run(flow())


def test_it_waits_for_the_first_that_is_due_and_for_new_ones() -> None:
    async def flow() -> None:
        hand, late, early = queue(), due(40), due()
        hand.put([late])
        taking = asyncio.create_task(hand.take(1))
        await asyncio.sleep(2)
        hand.put([early])
        assert await taking == [early]
        assert await hand.take(1) == [late]
        assert hand._clock.now() >= late.due_at

    run(flow())


class ClosedUntil(OpenGate):
    def __init__(self, clock: Clock, opens: datetime, only: str | None = None) -> None:
        self._clock, self._opens, self._only = clock, opens, only

    def closed_from(self, receiver: str) -> datetime | None:
        closed = self._clock.now() < self._opens and self._only in (None, receiver)
        return self._opens if closed else None


def test_nothing_is_taken_before_the_breaker_lets_it() -> None:
    opens = NOON + timedelta(seconds=17)

    async def flow() -> datetime:
        hand = queue()
        hand.put([due()])
        await hand.take(1, ClosedUntil(hand._clock, opens))
        return hand._clock.now()

    assert run(flow()) >= opens


def test_when_it_is_closed_whoever_waits_gets_nothing() -> None:
    async def flow() -> None:
        hand = queue()
        taking = asyncio.create_task(hand.take(1))
        await asyncio.sleep(1)
        hand.close()
        assert await taking == []
        hand.put([due()])
        assert await hand.take(1) == []

    run(flow())


def hooks(count: int, name: str, seconds: float = 0) -> list[Delivery]:
    """Return rows that go alone, all to one webhook."""
    own, at = ids.derive("h", name), NOON + timedelta(seconds=seconds)
    return [
        rows.waiting(notification(recipient=own), ChannelKind.WEBHOOK, NOON, at)
        for _ in range(count)
    ]


def receivers(taken: list[Delivery]) -> list[str]:
    return [row.notification.recipient.id for row in taken]


def test_a_receiver_with_one_row_goes_before_the_second_of_one_with_many() -> None:
    async def flow() -> None:
        hand = queue(room=1_000)
        many, one = hooks(300, "dead", -60), hooks(1, "well")
        hand.put(many)
        hand.put(one)
        assert one[0] in await hand.take(2)
        later = hooks(1, "later")
        hand.put(later)
        assert later[0] in await hand.take(2)

    run(flow())


def test_a_full_queue_makes_room_for_a_receiver_that_holds_less() -> None:
    async def flow() -> None:
        hand = queue(room=20)
        hand.put(hooks(20, "dead", -60))
        well = hooks(3, "well")
        hand.put(well)
        assert len(hand) == 20
        taken = await hand.take(6)
        assert {each.id for each in well} <= {row.id for row in taken}
        hand.put(hooks(30, "dead too", -90))
        assert len(hand) <= 20

    run(flow())


def test_one_receiver_never_takes_the_whole_room() -> None:
    hand = queue(room=10 * PER_RECEIVER)
    hand.put(hooks(2 * PER_RECEIVER, "dead"))
    assert len(hand) == PER_RECEIVER


def test_a_closed_receiver_delays_no_other() -> None:
    async def flow() -> None:
        hand = queue()
        dead, well = hooks(20, "dead", -60), hooks(3, "well")
        hand.put([*dead, *well])
        gate = ClosedUntil(
            hand._clock, NOON + timedelta(hours=1), dead[0].notification.recipient.id
        )
        assert {row.id for row in await hand.take(9, gate)} == {row.id for row in well}

    run(flow())


def test_only_so_many_messages_to_a_receiver_are_in_flight() -> None:
    class Two(OpenGate):
        def at_once(self, receiver: str) -> int:
            return 2

    async def flow() -> None:
        hand = queue()
        hand.put([*hooks(9, "dead", -60), *hooks(1, "well")])
        taken = await hand.take(9, Two())
        assert sorted(map(receivers(taken).count, set(receivers(taken)))) == [1, 2]
        hand.done(taken)
        assert len(await hand.take(9, Two())) == 2

    run(flow())


def test_a_receiver_with_many_rows_is_busy_and_of_the_others_the_rows_are_named() -> None:
    hand = queue()
    many, one = hooks(BUSY, "many"), hooks(1, "one")
    hand.put([*many, *one])
    busy = many[0].notification.recipient.id
    assert hand.in_hand() == InHand(frozenset([busy]), frozenset([one[0].id]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 12)), min_size=1, max_size=12),
    st.integers(1, 8),
)
def test_no_receiver_waits_for_more_than_one_turn_of_every_other(
    arrivals: list[tuple[int, int]], most: int
) -> None:
    async def flow() -> None:
        hand = queue(room=1_000)
        for number, count in arrivals:
            hand.put(hooks(count, str(number), -number))
        waiting = {ids.derive("h", str(number)) for number, _ in arrivals}
        total, seen = len(hand), []
        while len(seen) < total:
            taken = receivers(await hand.take(most))
            seen += taken
        assert set(seen[: len(waiting)]) == waiting

    run(flow())
