"""The limit on dead letters: a stage stops before it parks a topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.stage_stop import StageStop
from roost.kafka.incoming import Incoming
from roost.topics import OPENINGS, PROFILES, Topic
from streams.kernel.dead_letter_limit import (
    LEAST_EVENTS,
    NO_LIMIT,
    DeadLetterLimit,
    DeadLetterRules,
    Excess,
    remedy,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULES = DeadLetterRules(share=0.2, window=200, in_a_row=30)


def at(offset: int, partition: int = 0, topic: Topic = PROFILES) -> Incoming:
    return Incoming(topic, partition, offset, b"key", b"{}", NOW)


def fed(limit: DeadLetterLimit, outcomes: list[bool], first: int = 0) -> Excess | None:
    """Feed events one by one, as batches of one; return the first excess."""
    for number, failed in enumerate(outcomes):
        if (excess := limit.add([(at(first + number), failed)])) is not None:
            return excess
    return None


def stop(offset: int = 5, partition: int = 0) -> StageStop:
    return StageStop(
        id="index",
        topic=PROFILES.name,
        partition=partition,
        offset=offset,
        reason="ValueError",
        failed=21,
        events=100,
        at=NOW,
    )


def test_a_topic_that_fails_as_a_whole_stops_the_stage_after_a_few_events() -> None:
    excess = fed(DeadLetterLimit(RULES), [True] * 1_000)
    assert excess is not None
    assert excess.failed <= 30 + 1


def test_a_third_of_the_events_stops_the_stage_within_its_window() -> None:
    excess = fed(DeadLetterLimit(RULES), [number % 3 == 0 for number in range(1_000)])
    assert excess is not None
    assert excess.failed <= RULES.share * RULES.window + 1


def test_after_a_long_good_time_a_sudden_fault_is_seen_by_its_row() -> None:
    rules = DeadLetterRules(share=0.9, window=1_000, in_a_row=10)
    limit = DeadLetterLimit(rules)
    assert fed(limit, [False] * 5_000) is None
    excess = fed(limit, [True] * 100, first=5_000)
    assert excess is not None
    assert excess.incoming.offset == 5_010


@given(st.lists(st.booleans(), max_size=600))
def test_rare_bad_events_never_stop_the_stage(bad: list[bool]) -> None:
    spread = [each and number % 6 == 0 for number, each in enumerate(bad)]
    assert fed(DeadLetterLimit(RULES), spread) is None


@given(st.lists(st.booleans(), max_size=600))
def test_what_passes_never_holds_more_bad_events_than_the_limit(bad: list[bool]) -> None:
    limit = DeadLetterLimit(RULES)
    excess = fed(limit, bad)
    kept = bad if excess is None else bad[: excess.incoming.offset]
    for end in range(len(kept) + 1):
        window = kept[max(0, end - RULES.window) : end]
        assert sum(window) <= RULES.share * max(len(window), LEAST_EVENTS)


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 50))
def test_the_size_of_the_batches_does_not_matter(bad: list[bool], size: int) -> None:
    whole, single = DeadLetterLimit(RULES), DeadLetterLimit(RULES)
    outcomes = [(at(number), failed) for number, failed in enumerate(bad)]
    batches = [outcomes[start : start + size] for start in range(0, len(outcomes), size)]
    found = next((each for batch in batches if (each := whole.add(batch)) is not None), None)
    assert found == fed(single, bad)


def test_on_probation_the_first_bad_event_stops_the_stage_again() -> None:
    limit = DeadLetterLimit(RULES, stop(offset=5))
    assert limit.add([(at(3), False), (at(4), True)]) is not None


def test_the_record_of_the_stop_ends_the_probation_once_it_is_processed() -> None:
    limit = DeadLetterLimit(RULES, stop(offset=5))
    assert limit.add([(at(4), False)]) is None
    assert limit.on_probation
    assert limit.add([(at(5), False), (at(6), True)]) is None
    assert not limit.on_probation


@pytest.mark.parametrize(
    "elsewhere", [at(99, partition=1), at(99, topic=OPENINGS)], ids=["partition", "topic"]
)
def test_another_partition_ends_the_probation_after_a_window_only(elsewhere: Incoming) -> None:
    limit = DeadLetterLimit(RULES, stop(offset=5))
    assert limit.add([(elsewhere, False)] * (RULES.window - 1)) is None
    assert limit.on_probation
    assert limit.add([(elsewhere, False)]) is None
    assert not limit.on_probation


def test_without_a_limit_everything_may_be_parked() -> None:
    limit = DeadLetterLimit(NO_LIMIT, stop())
    assert fed(limit, [True] * 10_000) is None
    assert not limit.on_probation


def test_the_message_names_the_record_the_share_and_the_remedies() -> None:
    for text in remedy(stop()):
        assert "profiles/0/5" in text
        assert "21" in text
        assert "roost dead-letters continue index" in text
        assert "ROOST_DEAD_LETTER_PERCENT=100" in text


def test_a_stage_that_may_continue_parks_the_batch_of_its_stop_and_is_judged_anew() -> None:
    limit = DeadLetterLimit(RULES, stop(5).model_copy(update={"continued": True}))
    assert limit.add([(at(number), True) for number in range(500)]) is None
    assert not limit.resuming
    excess = limit.add([(at(number), True) for number in range(500, 1_000)])
    assert excess is not None
    assert excess.incoming.offset == 500 + RULES.share * LEAST_EVENTS


def test_a_stage_that_may_continue_passes_as_many_events_as_the_window_at_most() -> None:
    elsewhere = stop(5, partition=1).model_copy(update={"continued": True})
    limit = DeadLetterLimit(RULES, elsewhere)
    assert fed(limit, [True] * RULES.window) is None
    assert fed(limit, [True] * 100, first=RULES.window) is not None


def letter(incoming: Incoming, handled_before: int | None) -> DeadLetter:
    return DeadLetter(
        id=dead_letter_id(*incoming.place, "index"),
        topic=incoming.topic.name,
        partition=incoming.partition,
        offset=incoming.offset,
        stage="index",
        reason="ValueError",
        detail="a fault of the stage",
        size=2,
        at=NOW + timedelta(milliseconds=incoming.offset),
        handled_before=handled_before,
    )


class Restarted:
    """The limits of successive processes, each restored from the dead letters before it."""

    def __init__(self, rules: DeadLetterRules = RULES) -> None:
        self.rules = rules
        self.letters: list[DeadLetter] = []
        self.restart()

    def restart(self) -> None:
        self.limit = DeadLetterLimit(self.rules)
        self.limit.restore(self.letters)

    def add(self, incoming: Incoming, failed: bool) -> bool:
        """Add an event; return whether the stage goes on."""
        if self.limit.add([(incoming, failed)]) is not None:
            return False
        if failed:
            self.letters.append(letter(incoming, self.limit.handled_before(incoming)))
        return True


@given(
    st.lists(st.booleans(), max_size=600),
    st.sets(st.integers(0, 599), max_size=60) | st.sets(st.integers(1, 60), min_size=1),
)
@example([number % 2 == 0 for number in range(600)], set(range(600)))
def test_restarts_never_park_more_than_the_limit(bad: list[bool], restarts: set[int]) -> None:
    stage = Restarted()
    kept = []
    for number, failed in enumerate(bad):
        if number in restarts:
            stage.restart()
        if not stage.add(at(number), failed):
            break
        kept.append(failed)
    for end in range(len(kept) + 1):
        window = kept[max(0, end - RULES.window) : end]
        assert sum(window) <= RULES.share * max(len(window), LEAST_EVENTS)


def test_a_restart_at_every_event_parks_no_more_than_one_process() -> None:
    stage = Restarted()
    for number in range(1_000):
        stage.restart()
        if not stage.add(at(number), number % 2 == 0):
            break
    assert len(stage.letters) == RULES.share * LEAST_EVENTS


def test_a_partition_brings_the_dead_letters_of_its_former_owner() -> None:
    first, second = Restarted(), Restarted()
    assert all(first.add(at(number), number % 2 == 0) for number in range(38))
    assert all(second.add(at(number, partition=1), False) for number in range(30))
    second.limit.restore(first.letters)
    goes_on = [second.add(at(number), True) for number in range(38, 45)]
    assert goes_on == [True, False, False, False, False, False, False]


def test_ones_own_dead_letters_are_not_taken_over_again() -> None:
    stage = Restarted()
    assert all(stage.add(at(number), number < 15) for number in range(400))
    stage.limit.restore(stage.letters)
    assert all(stage.add(at(number), number < 410) for number in range(400, 420))


def test_a_record_that_fails_again_after_a_restart_is_counted_once() -> None:
    stage = Restarted()
    for _ in range(5):
        assert all(stage.add(at(number), number % 2 == 0) for number in range(38))
        stage.restart()


def test_a_record_that_is_handled_after_a_restart_counts_no_more() -> None:
    stage = Restarted()
    assert all(stage.add(at(number), number % 2 == 0) for number in range(38))
    stage.restart()
    assert all(stage.add(at(number), False) for number in range(38))
    assert all(stage.add(at(number), True) for number in range(40, 60))


def test_after_a_whole_window_of_its_partition_former_dead_letters_do_not_count() -> None:
    stage = Restarted()
    assert all(stage.add(at(number), number % 2 == 0) for number in range(38))
    stage.restart()
    later = 38 + RULES.window
    assert all(stage.add(at(later + number), number < 20) for number in range(40))


def test_letters_that_the_limit_did_not_count_acknowledge_those_before_them() -> None:
    stage = Restarted()
    assert all(stage.add(at(number), number % 2 == 0) for number in range(38))
    stage.letters.append(letter(at(38), handled_before=None))
    stage.restart()
    assert all(stage.add(at(number), True) for number in range(39, 59))


@pytest.mark.parametrize("rules", [NO_LIMIT, RULES])
def test_what_is_parked_by_permission_is_not_counted(rules: DeadLetterRules) -> None:
    limit = DeadLetterLimit(rules, stop(5).model_copy(update={"continued": True}))
    assert limit.add([(at(number), True) for number in range(5)]) is None
    assert [limit.handled_before(at(number)) for number in range(5)] == [None] * 5


def test_a_batch_larger_than_the_window_counts_each_bad_event() -> None:
    limit = DeadLetterLimit(DeadLetterRules(share=0.5, window=10, in_a_row=5))
    batch = [(at(number), number % 3 == 0) for number in range(60)]
    assert limit.add(batch) is None
    counted = [limit.handled_before(incoming) for incoming, failed in batch if failed]
    assert counted == [0, *[2] * 19]
