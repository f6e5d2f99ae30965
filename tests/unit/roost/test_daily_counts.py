"""Counts of the day by worker, employer and content, by which a pair is judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.rules.capacity import Capacity, Spent
from roost.rules.daily_counts import WEAK_DAYS, DailyCounts, contested, is_weak

LIMITS = Capacity(worker_day=5, per_employer=2, employer_day=8, most=3)
NUMBERS = st.integers(0, 12)


def counts(own: int, content: int, first: str | None = None) -> DailyCounts:
    budgets = Counter({"e": own, "~c": content})
    return DailyCounts(budgets=budgets, first={} if first is None else {"~c": {first}})


@given(NUMBERS, NUMBERS)
def test_the_first_employer_of_a_content_is_bound_by_its_own_matches_only(
    own: int, content: int
) -> None:
    shared, alone = counts(own, content, "e"), counts(own, own)
    assert shared.of_employer(("e", "~c"), LIMITS) == own
    assert shared.room(("e", "~c"), LIMITS) == alone.room(("e",), LIMITS)


@given(NUMBERS, NUMBERS, st.sampled_from([None, "e", "other"]))
def test_there_is_room_exactly_until_the_limit_holds_back(
    own: int, content: int, first: str | None
) -> None:
    day = counts(own, content, first)
    for _ in range(day.room(("e", "~c"), LIMITS)):
        assert day.of_employer(("e", "~c"), LIMITS) < LIMITS.employer_day
        day.count(("e", "~c"), "w")
    assert day.of_employer(("e", "~c"), LIMITS) >= LIMITS.employer_day


BUDGETS = ("e", "~c", "~d", "~~w", "~~v")


def counted_one_by_one(
    day: DailyCounts, budgets: tuple[str, ...], worker: str, capacity: Capacity
) -> Spent:
    """Return what a pair is judged on, as the documentation of `DailyCounts` says it."""
    own = day.budgets[budgets[0]]
    was_first = any(budgets[0] in day.first.get(each, ()) for each in budgets[1:])
    binding = budgets[:1] if was_first else budgets
    surplus = (WEAK_DAYS - 1) * capacity.employer_day
    shared = max(day.budgets[each] - surplus * is_weak(each) for each in binding)
    had = {each: day.pairs[each, worker] for each in binding}
    pair = max(had.values())
    if pair < capacity.ordinary_day(late=False):
        few = own < capacity.most and not had[budgets[0]]
        pair = 0 if few else max(number for each, number in had.items() if not is_weak(each))
    return Spent(day.workers[worker], own if own < capacity.most else shared, pair)


@given(
    st.lists(st.tuples(st.sets(st.sampled_from(BUDGETS)), st.sampled_from("vw")), max_size=40),
    st.lists(st.sampled_from(BUDGETS[1:]), unique=True),
    st.dictionaries(st.sampled_from(BUDGETS[1:]), st.sets(st.sampled_from(["e", "other"]))),
    st.integers(0, 4),
)
def test_a_pair_is_judged_on_what_each_of_its_budgets_has_had(
    matches: list[tuple[set[str], str]],
    content: list[str],
    first: dict[str, set[str]],
    reserved: int,
) -> None:
    day, limits = DailyCounts(first=first), replace(LIMITS, reserved=reserved)
    budgets = ("e", *content)
    for drawn, worker in matches:
        day.count(sorted(drawn), worker)
        for each in "vw":
            judged = day.spent(budgets, each, limits)
            assert judged == counted_one_by_one(day, budgets, each, limits)


@pytest.mark.parametrize(
    ("own", "content", "left"), [(0, 8, 3), (2, 8, 1), (3, 8, 0), (3, 6, 2), (8, 8, 0), (0, 0, 8)]
)
def test_an_employer_with_few_matches_is_not_held_back_by_others(
    own: int, content: int, left: int
) -> None:
    assert counts(own, content, "other").room(("e", "~c"), LIMITS) == left


@pytest.mark.parametrize(
    ("own_day", "own", "shared", "counted"),
    [
        (0, 0, 2, 0),  # the others' copies hold no first match back
        (2, 0, 3, 0),
        (3, 0, 2, 2),  # the employer has had as many as one opening may have at a time
        (0, 0, 4, 4),  # the fifth is the reserve of the worker's day
        (1, 1, 2, 2),
        (1, 1, 1, 1),
    ],
)
def test_copies_hold_no_first_match_of_a_worker_with_an_employer_back(
    own_day: int, own: int, shared: int, counted: int
) -> None:
    limits = replace(LIMITS, reserved=1)
    pairs = Counter({("e", "w"): own, ("~c", "w"): shared})
    day = DailyCounts(budgets=Counter({"e": own_day, "~c": 8}), pairs=pairs)
    assert day.spent(("e", "~c"), "w", limits).pair == counted


def test_an_employer_that_was_first_under_one_key_is_bound_by_none() -> None:
    """An edit of a few words gives new keys, which somebody else may have copied first."""
    budgets = Counter({"e": 3, "~kept": 8, "~new": 8})
    day = DailyCounts(budgets=budgets, first={"~kept": {"e"}, "~new": {"copier", "poster"}})
    assert day.room(("e", "~kept", "~new"), LIMITS) == 5
    assert day.room(("copier", "~new"), LIMITS) == day.room(("poster", "~new"), LIMITS) == 8
    assert day.room(("third", "~kept", "~new"), LIMITS) == LIMITS.most


def test_unrelated_openings_with_a_weak_key_share_three_days_and_no_workers_limit() -> None:
    """A title and a place alone are the content of many openings."""
    budgets, limit = Counter({"e": 3, "~~c": 23}), LIMITS.employer_day
    day = DailyCounts(budgets=budgets, pairs=Counter({("~~c", "w"): 4, ("e", "w"): 1}))
    assert day.spent(("e", "~~c"), "w", LIMITS).pair == 1
    assert day.of_employer(("e", "~~c"), LIMITS) < limit
    filled = DailyCounts(pairs=Counter({("~~c", "w"): 5}))
    assert filled.spent(("e", "~~c"), "w", LIMITS).pair == 5, "no content fills a worker's day"
    assert day.room(("e", "~~c"), LIMITS) == 1
    day.count(("e", "~~c"), "w")
    assert day.of_employer(("e", "~~c"), LIMITS) == limit
    assert day.room(("e", "~~c"), LIMITS) == 0


def test_an_opening_without_an_employer_has_no_budget() -> None:
    assert DailyCounts().room((), LIMITS) == LIMITS.employer_day
    assert DailyCounts().spent((), "w", LIMITS).pair == 0


@pytest.mark.parametrize(
    ("by_budget", "by_pair", "found"),
    [
        ({"e": 3, "~c": 3}, {("e", "w"): 1, ("~c", "w"): 1}, []),
        ({"e": 3, "~c": 4}, {}, ["~c"]),
        # The employer has had more of other contents: only the worker shows the other employer.
        ({"e": 9, "~c": 4}, {("e", "w"): 0, ("~c", "w"): 1}, ["~c"]),
        ({"~other": 4}, {("~other", "w"): 1}, []),
    ],
)
def test_a_content_is_contested_once_another_employer_has_matches_of_it(
    by_budget: dict[str, int], by_pair: dict[tuple[str, str], int], found: list[str]
) -> None:
    assert contested([("e", "~c"), ()], by_budget, by_pair) == found
