"""The bridge between an event loop and a publisher's threads, on a publisher in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from producers.event_loop_publisher import EventLoopPublisher
from roost.errors import RoostError, TooLarge, Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.kafka.record_limits import IN_FLIGHT, MAX_RECORD_BYTES
from roost.topics import PROFILES

AWAY = Transient("Kafka is away")


class Pending:
    """A sent record, acknowledged by a thread at once unless its key holds it back."""

    def __init__(self, record: Record, offset: int) -> None:
        self.record = record
        self._position = Position(record.topic.name, 0, offset)
        self.given_up = False

    def when_done(
        self, succeed: Callable[[Position], None], fail: Callable[[RoostError], None]
    ) -> None:
        answers: dict[str, Callable[[], None]] = {
            "held": lambda: None,
            "large": lambda: fail(TooLarge("too large for the broker")),
            "lost": lambda: fail(AWAY),
        }
        settle = answers.get(self.record.key, lambda: succeed(self._position))
        threading.Thread(target=settle).start()

    def failed(self, error: BaseException) -> RoostError:
        self.given_up = True
        return AWAY


class InMemoryPublisher:
    """Takes records in memory; a key may make it refuse them."""

    timeout_s = 1.0

    def __init__(self) -> None:
        self.sent: list[Pending] = []

    def send(self, record: Record, deadline: float) -> Pending:
        if record.key == "refused":
            raise AWAY
        if record.key == "broken":
            raise ValueError("a fault of ours")
        self.sent.append(Pending(record, len(self.sent)))
        return self.sent[-1]

    @property
    def keys(self) -> list[str]:
        return [each.record.key for each in self.sent]


def records(*keys: str) -> list[Record]:
    return [Record(PROFILES, key, b"{}", []) for key in keys]


def bridged(publisher: Any) -> EventLoopPublisher:
    return EventLoopPublisher(cast(Any, publisher))


async def test_records_of_one_call_and_of_several_are_sent_in_order() -> None:
    publisher = InMemoryPublisher()
    on_loop = bridged(publisher)
    calls = [records(f"{call}-1", f"{call}-2") for call in range(20)]
    answers = await asyncio.gather(*map(on_loop.publish, calls))
    assert publisher.keys == [each.key for call in calls for each in call]
    offsets = [position.offset for positions in answers for position in positions]
    assert offsets == list(range(40))


async def test_after_a_record_that_cannot_be_sent_none_of_its_call_is_sent() -> None:
    publisher = InMemoryPublisher()
    on_loop = bridged(publisher)
    first, second = await asyncio.gather(
        on_loop.publish(records("a", "refused", "b")),
        on_loop.publish(records("c")),
        return_exceptions=True,
    )
    assert first is AWAY
    assert isinstance(second, list)
    assert publisher.keys == ["a", "c"]


async def test_a_record_too_large_is_refused_before_the_others_of_its_call_are_sent() -> None:
    publisher = InMemoryPublisher()
    large = Record(PROFILES, "large", b"x" * (MAX_RECORD_BYTES + 1), [])
    with pytest.raises(TooLarge):
        await bridged(publisher).publish([*records("a"), large])
    assert publisher.keys == []


async def test_too_large_is_raised_rather_than_transient() -> None:
    with pytest.raises(TooLarge):
        await bridged(InMemoryPublisher()).publish(records("lost", "large", "refused"))


async def test_a_fault_of_ours_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="ours"):
        await bridged(InMemoryPublisher()).publish(records("broken"))


async def test_a_record_without_an_answer_is_given_up_at_the_timeout() -> None:
    publisher = InMemoryPublisher()
    with pytest.raises(Transient, match="not acknowledged"):
        await bridged(publisher).publish(records("a", "held"))
    assert [each.given_up for each in publisher.sent] == [True, True]


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    on_loop = bridged(InMemoryPublisher())
    impatient = asyncio.create_task(on_loop.publish(records("held")))
    patient = asyncio.create_task(on_loop.publish(records("a")))
    await asyncio.sleep(0.05)
    impatient.cancel()
    assert len(await patient) == 1
    assert len(await on_loop.publish(records("b"))) == 1


async def test_above_the_limit_calls_are_refused_and_accepted_again_afterwards() -> None:
    on_loop = bridged(InMemoryPublisher())
    held = asyncio.create_task(on_loop.publish(records(*["held"] * IN_FLIGHT)))
    await asyncio.sleep(0.1)
    with pytest.raises(Transient, match="Too many"):
        await on_loop.publish(records("a"))
    with pytest.raises(Transient):
        await held
    assert len(await on_loop.publish(records("a"))) == 1


def test_it_serves_one_event_loop_after_another() -> None:
    on_loop = bridged(InMemoryPublisher())
    for _ in range(2):
        assert len(asyncio.run(on_loop.publish(records("a")))) == 1
