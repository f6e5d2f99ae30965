"""A partner's fault never closes many openings without a person."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources.withdrawals import (
    Listing,
    Withdrawals,
    allowance,
    decide_removals,
    decide_withdrawals,
)
from roost.events.source import HeldReason, SourceEntry

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE = "f-" + "a" * 26


def id_of(number: int) -> str:
    digits = f"{number:026d}".translate(str.maketrans("0123456789", "abcdefghij"))
    return f"o-{digits}"


def entries(listed: int, withdrawn: int = 0) -> dict[str, SourceEntry]:
    return {
        id_of(number): SourceEntry(
            source_id=SOURCE, opening_id=id_of(number), listed=number < listed, since=NOW
        )
        for number in range(listed + withdrawn)
    }


def present(*numbers: int, unidentified: int = 0) -> Listing:
    return Listing({id_of(each) for each in numbers}, unidentified)


def test_what_is_missing_from_a_listing_is_closed_within_the_limit() -> None:
    assert decide_withdrawals(present(*range(9)), entries(10), 30) == Withdrawals((id_of(9),))
    assert decide_withdrawals(present(*range(7)), entries(10), 30).closing == (
        id_of(7),
        id_of(8),
        id_of(9),
    )
    assert decide_withdrawals(present(*range(10)), entries(10), 30) == Withdrawals()


def test_what_was_never_listed_or_is_withdrawn_already_is_not_closed() -> None:
    assert decide_withdrawals(present(0), {}, 30) == Withdrawals()
    assert decide_withdrawals(present(*range(4)), entries(4, withdrawn=3), 30) == Withdrawals()


@pytest.mark.parametrize(
    ("listing", "reason", "held"),
    [
        (present(*range(6)), HeldReason.SHARE, 4),
        (present(), HeldReason.EMPTY, 10),
        (present(*range(9), unidentified=1), HeldReason.UNIDENTIFIED, 1),
        (present(*range(100, 110)), HeldReason.SHARE, 10),
    ],
)
def test_more_than_the_limit_waits_for_a_person(
    listing: Listing, reason: HeldReason, held: int
) -> None:
    assert decide_withdrawals(listing, entries(10), 30) == Withdrawals((), held, reason)
    assert len(decide_withdrawals(listing, entries(10), 30, confirmed=held).closing) == held
    assert decide_withdrawals(listing, entries(10), 30, confirmed=held - 1).closing == ()


def test_the_only_advertisement_of_a_source_is_closed_when_another_takes_its_place() -> None:
    assert decide_withdrawals(present(5), entries(1), 30).closing == (id_of(0),)
    assert decide_withdrawals(present(), entries(1), 30).reason is HeldReason.EMPTY
    assert decide_withdrawals(present(5), entries(1), 0).reason is HeldReason.SHARE


def test_marked_removals_have_the_same_limit() -> None:
    marked = [id_of(0), id_of(77)]
    assert decide_removals(marked, entries(10), 30) == Withdrawals((id_of(0),))
    many = [id_of(each) for each in range(5)]
    assert decide_removals(many, entries(10), 30) == Withdrawals((), 5, HeldReason.SHARE)
    assert len(decide_removals(many, entries(10), 30, confirmed=5).closing) == 5


@given(st.integers(0, 60), st.sets(st.integers(0, 80)), st.integers(0, 100), st.integers(0, 3))
def test_a_run_never_closes_more_than_its_limit_and_nothing_that_is_listed(
    listed: int, found: set[int], percent: int, unidentified: int
) -> None:
    known, listing = entries(listed), present(*found, unidentified=unidentified)
    decided = decide_withdrawals(listing, known, percent)
    assert len(decided.closing) <= allowance(listed, percent)
    assert not set(decided.closing) & set(listing.present)
    missing = set(known) - set(listing.present)
    assert {len(decided.closing), decided.held} == {len(missing), 0} or not missing
    assert (decided.reason is None) == (decided.held == 0)
    confirmed = decide_withdrawals(listing, known, percent, confirmed=len(missing))
    assert set(confirmed.closing) == missing
