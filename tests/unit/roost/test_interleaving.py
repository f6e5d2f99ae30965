"""One employer does not fill a list: entries of near scores are mixed by employer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from roost.rules.interleaving import NEAR, interleaved


@dataclass(frozen=True)
class Entry:
    number: int
    score: float
    employer: str | None


def mixed(entries: list[Entry], near: float = NEAR) -> list[Entry]:
    return interleaved(entries, lambda each: each.score, lambda each: each.employer, near)


def longest_run(entries: list[Entry]) -> int:
    named = [each for each in entries if each.employer is not None]
    runs = groupby(named, key=lambda each: each.employer)
    return max((len(list(run)) for _, run in runs), default=0)


lists = st.lists(
    st.tuples(st.floats(30, 100), st.sampled_from(["a", "b", "c", None])), max_size=40
).map(
    lambda found: [
        Entry(number, score, employer)
        for number, (score, employer) in enumerate(sorted(found, key=lambda each: -each[0]))
    ]
)


@given(lists)
def test_every_entry_is_shown_once_in_the_same_order_each_time(entries: list[Entry]) -> None:
    assert Counter(mixed(entries)) == Counter(entries)
    assert mixed(entries) == mixed(entries)


@given(lists)
def test_no_entry_passes_one_that_is_clearly_better(entries: list[Entry]) -> None:
    shown = mixed(entries)
    for place, each in enumerate(shown):
        assert all(later.score - each.score <= NEAR for later in shown[place + 1 :])


@given(lists)
def test_an_employers_own_entries_keep_their_order(entries: list[Entry]) -> None:
    for employer in ("a", "b", "c"):
        own = [each for each in entries if each.employer == employer]
        assert [each for each in mixed(entries) if each.employer == employer] == own


@given(lists)
def test_two_of_one_employer_follow_only_if_no_near_entry_is_of_another(
    entries: list[Entry],
) -> None:
    shown = mixed(entries)
    for place, (first, second) in enumerate(pairwise(shown)):
        if first.employer is not None and first.employer == second.employer:
            left = shown[place + 1 :]
            best = max(each.score for each in left)
            near = [each for each in left if best - each.score <= NEAR]
            assert all(each.employer == first.employer for each in near)


@given(lists)
def test_a_list_without_two_in_a_row_stays_as_it_is(entries: list[Entry]) -> None:
    pairs = pairwise(entries)
    if all(a.employer is None or a.employer != b.employer for a, b in pairs):
        assert mixed(entries) == entries


def test_ten_of_one_employer_do_not_stand_in_a_row_while_others_are_as_good() -> None:
    many = [Entry(number, 80.0 - number * 0.1, "a") for number in range(10)]
    others = [Entry(10 + number, 78.0 - number * 0.1, "bcde"[number % 4]) for number in range(10)]
    shown = mixed(many + others)
    assert longest_run(shown[:19]) == 1
    assert longest_run(mixed(many)) == 10, "alone in the list, an employer is shown in order"
