"""Wages in all forms of `wage_table.txt`, and what holds for every text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producers.values.not_understood import NotUnderstood
from producers.values.stated_wages import Wage, parse_pay_period, parse_wage, with_unit
from producers.values.wage_words import wage_vocabulary
from roost.events.common import WageUnit
from tests.unit.producers.values.tables import outcome, table

PIECES = st.sampled_from(
    [
        *wage_vocabulary(),
        "5000",
        "8",
        "1.5",
        "千",
        "万",
        "k",
        " ",
        "五千",
        "1万2",
        "（",
        "）",
        "x",
        "0",
    ]
)
WAGE_LIKE = st.lists(PIECES, max_size=8).map("".join)


def reading(*cells: str) -> str:
    try:
        wage = parse_wage(*cells)
    except NotUnderstood:
        return "refused"
    if wage is None:
        return "none"
    unit = wage.unit.value if wage.unit else None
    parts = (wage.minimum, wage.maximum, unit, wage.currency, wage.note or None)
    return " ".join("-" if part is None else str(part) for part in parts)


@pytest.mark.parametrize(("form", "expected"), table("wage_table"))
def test_a_form_is_read_as_it_says(form: str, expected: str) -> None:
    assert reading(*form.split("|")) == expected


@given(st.one_of(st.text(max_size=40), WAGE_LIKE), st.one_of(st.text(max_size=9), WAGE_LIKE))
@example("1.5-2万/月", "")
def test_a_text_is_a_plausible_wage_or_refused_in_both_languages(text: str, unit: str) -> None:
    wage, refused = outcome(parse_wage, text, unit=unit)
    assert refused is None or (refused.message and refused.message_zh)
    if isinstance(wage, Wage):
        ends = [end for end in (wage.minimum, wage.maximum) if end is not None]
        assert ends == sorted(ends)
        assert all(0 < end <= 100_000_000 for end in ends)


@given(
    st.integers(100, 99_999),
    st.integers(0, 50_000),
    st.sampled_from(["-", "~", "—", "至", "到", " - ", "～"]),
    st.sampled_from(["", "元", "元/月", "/月", "元每月"]),
)
def test_a_range_has_its_ends(low: int, more: int, mark: str, after: str) -> None:
    wage = parse_wage(f"{low}{mark}{low + more}{after}")
    assert wage is not None
    assert (wage.minimum, wage.maximum) == (low, low + more)
    assert wage.unit is (WageUnit.MONTH if "月" in after else None)


@given(st.decimals("0.1", "99.9", places=1), st.sampled_from(["千", "k", "K", "万", "w"]))
def test_a_multiplier_at_the_end_counts_for_both(low: Decimal, mark: str) -> None:
    wage = parse_wage(f"{low}-{low + 1}{mark}")
    times = 1000 if mark in "千kK" else 10_000
    assert wage is not None
    assert (wage.minimum, wage.maximum) == (low * times, (low + 1) * times)


@given(st.integers(1, 99_999), st.sampled_from(WageUnit))
def test_an_unknown_period_is_never_a_known_one(amount: int, unit: WageUnit) -> None:
    for period in ("Bi-Weekly", "per shift", "班", "季度", "fortnight", f"{unit.value}ish"):
        with pytest.raises(NotUnderstood):
            parse_wage(str(amount), unit=period)


def test_a_period_that_the_column_implies_is_checked() -> None:
    wage = parse_wage("15-25")
    assert wage is not None
    with pytest.raises(NotUnderstood):
        with_unit(wage, WageUnit.MONTH)
    assert with_unit(wage, WageUnit.HOUR) == Wage(Decimal(15), Decimal(25), WageUnit.HOUR, None)
    assert parse_pay_period("元/月") is WageUnit.MONTH
    assert parse_pay_period("") is None


@pytest.mark.parametrize("unit", ["9", "9,", "一", "千", "薪", "/", "(", "包", "a ", "-", "每"])
def test_a_long_text_is_no_wage(unit: str) -> None:
    assert reading(unit * 100_000) in {"refused", "none"}
