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
from streams.deliver import rows
from streams.deliver.due_queue import SOON, DueQueue
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
        first, second = due(0, MESSAGE), due(2, MESSAGE)
        between, late = due(1), due(30, MESSAGE)
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


def test_nothing_is_taken_before_the_breaker_lets_it() -> None:
    opens = NOON + timedelta(seconds=17)

    async def flow() -> datetime:
        hand = queue()
        hand.put([due()])
        await hand.take(1, lambda: opens if hand._clock.now() < opens else None)
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
