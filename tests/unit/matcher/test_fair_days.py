"""Assignment within the limits of a day: nobody takes the market, and nothing is left unused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from matcher.assignment import Pair, assign
from matcher.fair_days import Day, FairPair, assign_fairly, crowding_employers
from matcher.features import OpeningFeatures
from roost.rules.capacity import Capacity, HeldBackBy, Spent
from tests.unit.streams.test_capacity import opening

BUDGETS = [(), ("a",), ("b",), ("a", "~1"), ("b", "~1"), ("c", "~1", "~2")]
"""Of openings without an employer, and of employers some of whose openings have one content."""
LIMITS = Capacity(worker_day=3, reserved=1, per_employer=2, employer_day=5, most=2)


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[FairPair], dict[str, int]]:
    """Openings of a few employers, some of them near the home of some workers."""
    owners = draw(st.lists(st.sampled_from(BUDGETS), min_size=1, max_size=8))
    workers = draw(st.integers(1, 6))
    pairs = [
        FairPair(Pair(f"o{at}", f"w{worker}", score), budgets, draw(st.booleans()))
        for at, budgets in enumerate(owners)
        for worker in range(workers)
        if (score := draw(st.integers(0, 100)))
    ]
    places = {f"o{at}": draw(st.integers(0, 4)) for at in range(len(owners))}
    return pairs, places


def counted(pairs: list[FairPair], chosen: list[Pair]) -> Day:
    """Count the chosen pairs in a new day."""
    day, by_key = Day(LIMITS), {(one.pair.opening_id, one.pair.worker_id): one for one in pairs}
    for pair in chosen:
        day.take(by_key[pair.opening_id, pair.worker_id])
    return day


@given(markets(), st.booleans())
def test_no_limit_of_the_day_is_passed(
    market: tuple[list[FairPair], dict[str, int]], late: bool
) -> None:
    pairs, places = market
    chosen = assign_fairly(pairs, places, Day(LIMITS, late))
    day = counted(pairs, chosen)
    assert all(number <= LIMITS.worker_day for number in day.counts.workers.values())
    for key, number in day.counts.budgets.items():
        owners = {one.budgets[0] for one in pairs if key in one.budgets}
        beyond = LIMITS.most * len(owners) if key.startswith("~") else 0
        assert number <= LIMITS.employer_day + beyond
    assert all(number <= LIMITS.per_employer for key, number in day.counts.pairs.items() if key[0])
    taken = Counter(pair.opening_id for pair in chosen)
    assert all(number <= places[id] for id, number in taken.items())
    if not late:
        ordinary = Counter(
            one.pair.worker_id for one in pairs if one.pair in chosen and not one.near_home
        )
        assert all(number <= LIMITS.ordinary_day(late=False) for number in ordinary.values())


@given(markets(), st.booleans())
def test_no_pair_is_left_out_while_all_its_limits_have_room(
    market: tuple[list[FairPair], dict[str, int]], late: bool
) -> None:
    pairs, places = market
    day = Day(LIMITS, late)
    chosen = assign_fairly(pairs, places, day)
    taken = Counter(pair.opening_id for pair in chosen)
    left_out = [one for one in pairs if one.pair not in chosen]
    assert not [
        one
        for one in left_out
        if taken[one.pair.opening_id] < places[one.pair.opening_id] and day.fits(one)
    ]


@given(markets())
def test_without_limits_of_the_day_the_result_is_that_of_the_auction(
    market: tuple[list[FairPair], dict[str, int]],
) -> None:
    pairs, places = market
    shares = {one.pair.worker_id: 3 for one in pairs}
    free = assign_fairly(pairs, places, Day(Capacity(worker_day=3)))
    auctioned = assign([one.pair for one in pairs], places, shares)
    assert set(auctioned) <= set(free)


@given(markets(), st.randoms())
def test_the_order_of_the_input_does_not_matter(
    market: tuple[list[FairPair], dict[str, int]], dice: Random
) -> None:
    pairs, places = market
    shuffled = list(pairs)
    dice.shuffle(shuffled)
    assert assign_fairly(shuffled, places, Day(LIMITS)) == assign_fairly(pairs, places, Day(LIMITS))


def test_a_reserved_match_waits_for_near_home_work_or_for_later() -> None:
    spent = Spent(worker=2, employer=0, pair=0)

    def by(*, near_home: bool, late: bool) -> HeldBackBy | None:
        return LIMITS.held_back_by(spent, employed=True, near_home=near_home, late=late)

    assert by(near_home=False, late=False) is HeldBackBy.RESERVE
    assert by(near_home=True, late=False) is None
    assert by(near_home=False, late=True) is None


def test_a_reserve_as_large_as_the_day_leaves_one_match_to_ordinary_work() -> None:
    assert Capacity(worker_day=2, reserved=9).ordinary_day(late=False) == 1


def test_an_employer_that_fills_a_page_of_results_is_named_as_crowding() -> None:
    def of(employer: str, number: int) -> OpeningFeatures:
        made = opening(id=f"o-{employer}-{number}")
        return replace(made, employer_id=employer)

    page = [of("flood", n) for n in range(50)] + [of(f"e{n}", 0) for n in range(10)]
    assert crowding_employers(page) == {"flood"}
    assert crowding_employers([of(f"e{n}", 0) for n in range(60)]) == frozenset()
    assert crowding_employers([of("", n) for n in range(60)]) == frozenset()
    content = [replace(of(f"e{n % 10}", n), alike=("~1",)) for n in range(20)]
    assert crowding_employers([*content, *(of(f"f{n}", n) for n in range(40))]) == {
        f"e{n}" for n in range(10)
    }


def test_all_spellings_of_an_employers_id_share_its_day_and_crowd_together() -> None:
    spellings = ("Flood-1", "flood-1", "ＦＬＯＯＤ-1")
    page = [
        replace(opening(id=f"o-{n}"), employer_id=spellings[n % 3], alike=("~1",))
        for n in range(36)
    ]
    others = [replace(opening(id=f"o-x{n}"), employer_id=f"e{n}") for n in range(24)]
    assert {each.budgets for each in page} == {("flood-1", "~1")}
    assert crowding_employers([*page, *others]) == set(spellings)
    day = Day(LIMITS)
    for number, each in enumerate(page[: LIMITS.employer_day]):
        day.counts.count(each.budgets, f"w{number}")
    assert not any(day.counts.room(each.budgets, LIMITS) for each in page)


def test_an_employer_whose_opening_is_copied_stays_in_the_searches() -> None:
    def of(employer: str, number: int, *alike: str) -> OpeningFeatures:
        return replace(opening(id=f"o-{employer}-{number}"), employer_id=employer, alike=alike)

    copies = [of(f"copier-{n % 10}", n, "~text") for n in range(58)]
    page = [of("author", 1, "~text"), of("author", 2, "~other"), *copies]
    assert crowding_employers(page) == {f"copier-{n}" for n in range(10)}
