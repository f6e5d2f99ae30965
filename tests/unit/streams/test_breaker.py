"""The circuit breaker: when it opens, and how it closes."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from roost.time.clock import FixedClock
from streams.deliver.breaker import (
    FAILURES,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_PROBES,
    Attempt,
    Breaker,
    Breakers,
)
from streams.deliver.slow_receivers import MOST_RECEIVERS, SLOW, SLOW_FOR, SlowReceivers
from tests.unit.streams.in_memory import NOON


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.closed_from(NOON) is None
        breaker.failed(NOON, breaker.trying())
    return breaker


def fail(breakers: Breakers, receiver: str, took: timedelta = timedelta()) -> None:
    """Begin an attempt, and end it as failed."""
    breakers.failed(breakers.trying(receiver), took)


def test_a_few_failures_in_a_row_open_it_for_a_while() -> None:
    assert opened().closed_from(NOON) == NOON + FIRST_PAUSE
    assert opened().closed_from(NOON + FIRST_PAUSE) is None


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3 * FAILURES):
        breaker.failed(NOON, breaker.trying())
        breaker.failed(NOON, breaker.trying())
        breaker.succeeded()
    assert breaker.closed_from(NOON) is None


def test_after_the_pause_one_probe_is_let_through_and_nobody_beside_it() -> None:
    breaker, later = opened(), NOON + FIRST_PAUSE
    breaker.trying()
    assert breaker.closed_from(later) == later + FIRST_PAUSE


def test_a_probe_that_succeeds_closes_it_as_if_nothing_had_been() -> None:
    breaker = opened()
    breaker.trying()
    breaker.succeeded()
    assert breaker == Breaker()


def test_a_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker, now, pauses = opened(), NOON, []
    for _ in range(9):
        opens = breaker.closed_from(now)
        assert opens is not None
        pauses.append(opens - now)
        now = opens
        breaker.failed(now, breaker.trying())
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_what_was_under_way_when_it_opened_does_not_prolong_the_pause() -> None:
    breaker = Breaker()
    begun = [breaker.trying() for _ in range(FAILURES + 1)]
    for number, each in enumerate(begun):
        breaker.failed(NOON + timedelta(seconds=2 if number == FAILURES else 0), each)
    assert breaker.closed_from(NOON) == NOON + FIRST_PAUSE


@given(st.lists(st.tuples(st.sampled_from(["well", "away"]), st.integers(0, 400)), max_size=60))
def test_whatever_happens_it_is_never_closed_for_longer_than_the_longest_pause(
    happenings: list[tuple[str, int]],
) -> None:
    breaker, now = Breaker(), NOON
    for answer, seconds in happenings:
        now += timedelta(seconds=seconds)
        opens = breaker.closed_from(now)
        if opens is not None:
            assert now < opens <= now + LONGEST_PAUSE
            continue
        begun = breaker.trying()
        if answer == "well":
            breaker.succeeded()
        else:
            breaker.failed(now, begun)


def test_one_receiver_that_fails_pauses_itself_and_not_the_channel() -> None:
    breakers = Breakers(FixedClock(NOON), shared=True, at_once=4)
    for _ in range(3 * FAILURES):
        fail(breakers, "one")
    assert breakers.closed_from("one") is not None
    assert breakers.at_once("one") == 1
    assert breakers.closed_from("another") is None
    assert breakers.at_once("another") == 4


def test_several_receivers_that_fail_pause_a_channel_that_is_one_service() -> None:
    for shared in (True, False):
        breakers = Breakers(FixedClock(NOON), shared=shared, at_once=4)
        for number in range(FAILURES):
            fail(breakers, str(number))
        assert (breakers.closed_from("another") is not None) == shared


def test_each_round_of_probes_is_wider_and_closes_when_its_last_one_fails() -> None:
    clock = FixedClock(NOON)
    breakers = Breakers(clock, shared=True, at_once=4)
    numbers = itertools.count()
    for _ in range(FAILURES):
        fail(breakers, f"dead-{next(numbers)}")
    rounds = []
    for _ in range(4):
        opens = breakers.closed_from("new")
        assert opens is not None
        clock.moment = opens
        begun = []
        while breakers.closed_from("new") is None:
            assert breakers.most_at_once(128) <= MOST_PROBES
            begun.append(breakers.trying(f"dead-{next(numbers)}"))
        rounds.append(len(begun))
        for each in begun:
            assert breakers.closed_from("new") is not None
            breakers.failed(each)
    assert rounds == [1, 4, 16, 16]
    breakers.succeeded("new")
    assert breakers.most_at_once(128) == 128


def test_a_probe_that_was_given_up_is_let_through_again() -> None:
    breakers = Breakers(clock := FixedClock(NOON), shared=True, at_once=4)
    for number in range(FAILURES):
        fail(breakers, str(number))
    clock.moment += FIRST_PAUSE
    probe = breakers.trying("new")
    assert breakers.closed_from("another") is not None
    breakers.given_up(probe)
    assert breakers.closed_from("another") is None


def paused_channel(clock: FixedClock) -> Breakers:
    """Return the breakers of a channel that is open, at the end of its first pause."""
    breakers = Breakers(clock, shared=True, at_once=4)
    for number in range(FAILURES):
        fail(breakers, f"dead-{number}")
    clock.moment += FIRST_PAUSE
    return breakers


def test_an_attempt_from_before_the_pause_ends_no_round_of_probes() -> None:
    """A slow attempt of the closed channel fails while the probe is in flight."""
    clock = FixedClock(NOON)
    breakers = Breakers(clock, shared=True, at_once=4)
    slow, other = breakers.trying("slow"), breakers.trying("other")
    for number in range(FAILURES):
        fail(breakers, f"dead-{number}")
    clock.moment += FIRST_PAUSE
    probe = breakers.trying("new")
    breakers.failed(slow)
    breakers.given_up(other)
    clock.moment += LONGEST_PAUSE
    assert breakers.closed_from("another") is not None, "the probe alone decides"
    breakers.failed(probe)
    assert breakers.closed_from("another") == clock.moment + 2 * FIRST_PAUSE


def test_late_failures_of_a_round_do_not_open_a_channel_that_a_probe_has_closed() -> None:
    clock = FixedClock(NOON)
    breakers = paused_channel(clock)
    for width in (1, MOST_PROBES // 4):
        for probe in [breakers.trying(f"dead-{width}-{number}") for number in range(width)]:
            breakers.failed(probe)
        clock.moment += LONGEST_PAUSE
    probes = [breakers.trying(f"new-{number}") for number in range(MOST_PROBES)]
    breakers.succeeded("new-0")
    for each in probes[1:]:
        breakers.failed(each)
    assert breakers.closed_from("another") is None
    for number in range(FAILURES):
        assert breakers.closed_from("another") is None
        fail(breakers, f"new-{number}")
    assert breakers.closed_from("another") is not None, "new failures count"


def test_a_late_failure_opens_no_receiver_that_a_probe_has_closed() -> None:
    breakers = Breakers(clock := FixedClock(NOON), shared=False, at_once=4)
    fail(breakers, "one")
    late = [breakers.trying("one") for _ in range(FAILURES)]
    for _ in range(FAILURES - 1):
        fail(breakers, "one")
    clock.moment += FIRST_PAUSE
    breakers.trying("one")
    breakers.succeeded("one")
    for each in late:
        breakers.failed(each)
    assert breakers.closed_from("one") is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["begin", "fail", "give up", "succeed", "wait"]), st.integers(0)),
        max_size=120,
    )
)
def test_in_every_interleaving_at_most_one_round_of_probes_is_in_flight(
    steps: list[tuple[str, int]],
) -> None:
    clock = FixedClock(NOON)
    breakers = Breakers(clock, shared=True, at_once=4)
    channel = breakers._channel
    assert channel is not None
    flying: list[Attempt] = []
    for number, (step, choice) in enumerate(steps):
        if step == "wait":
            clock.moment += FIRST_PAUSE
        elif step == "begin":
            if breakers.closed_from(f"r-{number}") is None:
                flying.append(breakers.trying(f"r-{number}"))
        elif flying:
            attempt = flying.pop(choice % len(flying))
            if step == "fail":
                breakers.failed(attempt)
            elif step == "give up":
                breakers.given_up(attempt)
            else:
                breakers.succeeded(attempt.receiver)
        if channel.open_until is not None:
            probes = [each for each in flying if each.channel == channel.stretch]
            assert len(probes) == channel.probing <= channel.width


def test_a_success_of_another_receiver_closes_the_channel_and_not_the_receiver() -> None:
    breakers = Breakers(FixedClock(NOON), shared=True, at_once=4)
    for _ in range(FAILURES):
        fail(breakers, "one")
    breakers.succeeded("another")
    assert breakers.closed_from("one") is not None
    breakers.succeeded("one")
    assert breakers.closed_from("one") is None


def test_a_slow_receiver_gets_one_message_at_a_time_for_a_while() -> None:
    clock = FixedClock(NOON)
    breakers = Breakers(clock, shared=False, at_once=4)
    for took in (SLOW, timedelta()):  # one quick answer does not end it
        breakers.trying("slow")
        assert breakers.is_busy("slow") is (took < SLOW)
        breakers.succeeded("slow", took)
    assert breakers.closed_from("slow") is None
    assert (breakers.at_once("slow"), breakers.at_once("another")) == (1, 4)
    assert not breakers.is_busy("slow")
    clock.moment = NOON + SLOW_FOR
    assert breakers.at_once("slow") == 4


def test_failures_after_a_long_wait_count_as_slow_too() -> None:
    breakers = Breakers(FixedClock(NOON), shared=True, at_once=4)
    fail(breakers, "slow", SLOW)
    assert breakers.at_once("slow") == 1


def test_the_slow_receivers_that_are_remembered_are_bounded() -> None:
    slow = SlowReceivers()
    for number in range(MOST_RECEIVERS + 1):
        slow.begun(str(number))
        slow.ended(str(number), SLOW, NOON)
    assert not slow.is_slow("0", NOON)
    assert slow.is_slow(str(MOST_RECEIVERS), NOON)
