"""The explanation of an opening's page: which limit of the day holds matches back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from api.openings.waiting import DayOfOpening, Waiting, waiting_for
from roost.rules.capacity import Capacity, HeldBackBy
from roost.rules.daily_counts import DailyCounts

CAPACITY = Capacity(worker_day=5, reserved=1, per_employer=2, employer_day=200)
TOMORROW = date(2026, 11, 24)
REACHED = [f"w{number}" for number in range(10)]


def day_of(
    employer: int, workers: Mapping[str, int], pairs: Mapping[str, int] | None = None
) -> DayOfOpening:
    """Return a day with the numbers of matches of the employer, of workers and of pairs."""
    by_pair = Counter({("e", worker): number for worker, number in (pairs or {}).items()})
    return DayOfOpening(DailyCounts(Counter(workers), Counter({"e": employer}), by_pair), ("e",))


def explained(day: DayOfOpening, *, late: bool = False, least: int = 1) -> Waiting | None:
    return waiting_for(
        day,
        REACHED,
        CAPACITY,
        late=late,
        least=least,
        tomorrow=TOMORROW,
        reserve_opens="14:00",
    )


def test_an_exhausted_budget_is_the_whole_explanation() -> None:
    day = day_of(200, dict.fromkeys(REACHED, 5))
    assert explained(day) == Waiting((HeldBackBy.BUDGET,), TOMORROW)


def test_workers_whose_day_is_full_are_named_as_a_reason() -> None:
    assert explained(day_of(3, {"w1": 5})) == Waiting((HeldBackBy.WORKER,), TOMORROW)


def test_workers_who_have_this_employers_matches_are_another_reason() -> None:
    found = explained(day_of(3, {"w1": 2}, {"w1": 2}))
    assert found == Waiting((HeldBackBy.EMPLOYER,), TOMORROW)


def test_the_reserve_names_the_time_at_which_it_opens() -> None:
    day = day_of(3, {"w1": 4})
    assert explained(day) == Waiting((HeldBackBy.RESERVE,), TOMORROW, "14:00")
    assert explained(day, late=True) is None


def test_an_employer_cannot_single_out_a_worker() -> None:
    few = day_of(3, dict.fromkeys(REACHED[:4], 5))
    assert explained(few, least=5) is None
    many = day_of(3, dict.fromkeys(REACHED[:5], 5))
    assert explained(many, least=5) == Waiting((HeldBackBy.WORKER,), TOMORROW)


def test_nothing_is_explained_while_no_limit_holds_a_pair_back() -> None:
    assert explained(day_of(3, dict.fromkeys(REACHED, 1))) is None
