"""Assignment of places: the newcomers' bonus, and the audit of priority."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from matcher.exploration import KNOWN_AFTER
from roost.rules.capacity import Capacity
from streams.match.candidates import Assignment, Candidates
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, OPENING, opening, worker

ONE = Capacity(per_place=1, least=1)
LEAST = 35.0


def assigned(
    scores: Mapping[int, float], shown: Mapping[int, int], unboosted: Mapping[int, float]
) -> Assignment:
    """Assign one place by scores, exposures and scores without priority, each by worker number."""
    found = Candidates(MIDNIGHT, LEAST)
    for number, score in scores.items():
        found.add(OPENING, opening(), worker(number).id, score, unboosted.get(number))
    seen = {worker(number).id: times for number, times in shown.items()}
    return found.assign(MatchCounts(shown=seen), ONE)


def chosen(scores: Mapping[int, float], shown: Mapping[int, int]) -> list[str]:
    return list(assigned(scores, shown, {}).by_subject[OPENING][OPENING])


def test_a_newcomer_is_chosen_over_somebody_slightly_better_who_was_often_shown() -> None:
    assert chosen({1: 70.0, 2: 68.5}, {1: KNOWN_AFTER}) == [worker(2).id]


def test_a_newcomer_is_not_chosen_over_somebody_much_better() -> None:
    assert chosen({1: 70.0, 2: 66.0}, {1: KNOWN_AFTER}) == [worker(1).id]


def test_of_two_who_were_often_shown_the_better_is_chosen() -> None:
    assert chosen({1: 70.0, 2: 69.9}, {1: KNOWN_AFTER, 2: 5 * KNOWN_AFTER}) == [worker(1).id]


def with_precedents(shown: int) -> list[str]:
    """Return the choice between a worker of 70 and one of 72, 4 of them by precedents."""
    found = Candidates(MIDNIGHT, LEAST)
    found.add(OPENING, opening(), worker(1).id, 70.0)
    found.add(OPENING, opening(), worker(2).id, 72.0, preceded=4.0)
    counts = MatchCounts(shown={worker(number).id: shown for number in (1, 2)})
    return list(found.assign(counts, ONE).by_subject[OPENING][OPENING])


def test_precedents_count_for_the_order_of_those_who_were_shown_little() -> None:
    assert with_precedents(0) == [worker(2).id]


def test_precedents_no_longer_count_for_those_who_were_often_shown() -> None:
    assert with_precedents(KNOWN_AFTER) == [worker(1).id]


def test_who_was_moved_by_priority_is_told_where_it_decided() -> None:
    moved = assigned({1: 70.0, 2: 72.0}, {}, {2: 67.0}).priority[OPENING]
    assert moved.gained == (worker(2).id,)
    assert moved.lost == (worker(1).id,)


def test_priority_that_decided_nothing_is_not_told() -> None:
    assert assigned({1: 70.0, 2: 69.0}, {}, {2: 64.0}).priority == {}
    assert assigned({1: 70.0, 2: 75.0}, {}, {2: 71.0}).priority == {}


def test_who_reaches_the_least_score_by_priority_alone_was_raised_and_displaced_nobody() -> None:
    moved = assigned({1: LEAST + 1}, {}, {1: LEAST - 2}).priority[OPENING]
    assert (moved.gained, moved.lost) == ((worker(1).id,), ())


def short(places: int, sent: Mapping[int, int], workers: int) -> dict[str, frozenset[str]]:
    """Return the openings short of workers, of one with these places and found workers."""
    found = Candidates(MIDNIGHT, LEAST)
    for number in range(workers):
        found.add(OPENING, opening(), worker(number).id, 70.0)
    counts = MatchCounts(sent={worker(number).id: times for number, times in sent.items()})
    return found.short_of_workers(counts, Capacity(per_place=places, least=1))


def test_an_opening_whose_found_workers_have_a_full_day_needs_further_ones() -> None:
    full = dict.fromkeys(range(3), 5)
    assert short(2, full, 3) == {OPENING: frozenset(worker(number).id for number in range(3))}


def test_an_opening_with_enough_workers_needs_no_further_search() -> None:
    assert short(2, {0: 5}, 3) == {}


def test_few_suitable_workers_alone_cause_no_further_search() -> None:
    assert short(9, {}, 3) == {}, "less suitable ones would be found only"


def test_full_workers_are_those_with_all_matches_of_their_day() -> None:
    found = Candidates(MIDNIGHT, LEAST)
    for number in range(3):
        found.add(OPENING, opening(), worker(number).id, 70.0)
    counts = MatchCounts(sent={worker(0).id: 5, worker(1).id: 4})
    assert found.full_workers(counts, Capacity(worker_day=5)) == {OPENING: [worker(0).id]}


def test_an_opening_that_left_full_workers_out_is_searched_further_without_them() -> None:
    found = Candidates(MIDNIGHT, LEAST)
    found.leave_out(opening(), frozenset({worker(7).id}))
    found.add(OPENING, opening(), worker(0).id, 70.0)
    short = found.short_of_workers(MatchCounts(), Capacity(per_place=9, least=1))
    assert short == {OPENING: frozenset({worker(0).id, worker(7).id})}


def test_a_left_out_worker_whose_match_was_withdrawn_today_is_looked_at() -> None:
    found = Candidates(MIDNIGHT, LEAST)
    found.leave_out(opening(), frozenset({worker(1).id, worker(2).id, worker(3).id}))
    for number, state, hour in ((1, "expired", 1), (2, "expired", -1), (3, "declined", 1)):
        at = MIDNIGHT + timedelta(hours=hour)
        match = {
            "opening_id": OPENING,
            "worker_id": worker(number).id,
            "state": state,
            "proposed_at": at.isoformat(),
        }
        found.add_existing(OPENING, match)
    assert found.overlooked() == {OPENING: [worker(1).id]}
    found.add(OPENING, opening(), worker(1).id, 70.0)
    full = MatchCounts(sent={worker(1).id: 5})
    assert found.assign(full, ONE).by_subject == {OPENING: {OPENING: [worker(1).id]}}
