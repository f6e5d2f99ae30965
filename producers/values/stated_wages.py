"""Wages as people write them: 6千-8千, 1.5-2万/月, 15k-25k·14薪, 200元/天, $18.50/hr. Pure.

No pay period is ever assumed: `unit` is None where none is stated, and an unknown one is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from producers.values.amounts import ONE, TIMES, Amount, two_readings
from producers.values.cell_text import folded_value
from producers.values.currencies import one_currency
from producers.values.not_understood import NotUnderstood
from producers.values.numerals import shortest
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in
from producers.values.wage_cells import SMALL, WageCell, not_a_wage, unknown_period, wage_cell
from roost.events.common import WageUnit

HIGHEST = Decimal(100_000_000)
"""Highest amount that an event holds."""
FAR_APART = 100
"""Factor between the ends of a range from which one end lacks its 千 or 万."""
LEAST = {WageUnit.MONTH: Decimal(100), WageUnit.YEAR: Decimal(1_000)}
"""Amounts below these lack their 千 or 万."""
MOST = {
    WageUnit.PIECE: Decimal(2_000),
    WageUnit.HOUR: Decimal(5_000),
    WageUnit.DAY: Decimal(50_000),
}
"""Amounts above these are for a longer period, in a currency such as the yuan or the dollar."""
SMALL_UNITS_OF_MONEY = frozenset({"JPY", "KRW", "VND", "IDR", "RUB", "THB", "TWD"})
"""Currencies in which an hour is paid with hundreds and more."""
FINE_UNITS = frozenset({WageUnit.HOUR, WageUnit.PIECE})
"""Units whose amounts may have three decimal places."""
_PLAIN = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,2})?")
_DASHES = re.compile(r"[-–—―/\\?._*~]+")
_MINUS_ONE = re.compile(r"-\s*1(?:\.0+)?")
_TIMES_IN_UNIT = re.compile(r"^(百|千|万|k|w)(?=元|块|人民币|/|$)", re.IGNORECASE)
_BOUNDS = {
    "": (False, False),
    "A": (True, True),
    "A>": (True, False),
    ">A": (True, False),
    ">A>": (True, False),
    "A<": (False, True),
    "<A": (False, True),
    "<A<": (False, True),
}
"""Ends that one amount states, by the signs around it."""
_RANGES = frozenset(
    {"A-A", "A-A>", "A-A<", ">A-A", "A>-A", "A>A<", ">A<A", "A>-A<", "A-<A", ">A-<A", ">A-A<"}
)
_LOWER = frozenset({"A", ">A", "A>"})
"""Signs of a lower end that another cell completes."""
_UPPER = frozenset({"A", "<A", "A<"})


@dataclass(frozen=True, slots=True)
class Wage:
    """Wage as stated: its ends, pay period, ISO 4217 currency, and the words that add to it."""

    minimum: Decimal | None
    maximum: Decimal | None
    unit: WageUnit | None
    currency: str | None
    note: str = ""


@remembered
def parse_wage(low: str, high: str = "", unit: str = "", currency: str = "") -> Wage | None:
    """Return the wage that up to four cells state; None if they state none.

    `low` may hold a whole wage, `high` its upper end, `unit` and `currency` words for all amounts.
    Raises NotUnderstood.
    """
    cells = _two_cells(low, high)
    if not any(cell.amounts for cell in cells):
        _require_not_stated(cells)
        return None
    column = _unit_column(unit)
    stated_unit = _one_unit(cells, column.unit)
    minimum, maximum = _ends(cells, column.times, stated_unit)
    if minimum is None and maximum is None:
        return None
    wage = Wage(
        minimum,
        maximum,
        stated_unit,
        _one_currency(cells, column, currency),
        _note(cells, stated_unit),
    )
    return _checked(wage)


def _two_cells(low: str, high: str) -> list[WageCell]:
    """Return the cells of both ends; 不限 and the like in the second one open the range."""
    first = _cell(low)
    if first.signs == "A" and folded_value(high) in _words("open top"):
        return [replace(first, signs="A>"), WageCell(not_stated=True)]
    return [first, _cell(high)]


def with_unit(wage: Wage, unit: WageUnit) -> Wage:
    """Return a wage with a pay period that its column implies. Raises NotUnderstood."""
    return _checked(replace(wage, unit=wage.unit or unit))


def parse_pay_period(text: str) -> WageUnit | None:
    """Return the unit of a cell such as 元/月 or hourly; None if it is empty or names none.

    Raises NotUnderstood.
    """
    return _unit_column(text).unit


@dataclass(frozen=True, slots=True)
class _UnitColumn:
    """Unit, multiplier and currency in a cell such as 千元/月."""

    unit: WageUnit | None = None
    times: Decimal | None = None
    currencies: tuple[str, ...] = ()


@remembered
def _unit_column(text: str) -> _UnitColumn:
    plain = folded_value(text)
    times = _TIMES_IN_UNIT.match(plain)
    rest = plain[times.end() :] if times else plain
    if not rest or _DASHES.fullmatch(rest):
        return _UnitColumn(times=TIMES[times[1]] if times else None)
    try:
        cell = wage_cell(rest)
    except NotUnderstood:
        raise unknown_period() from None
    units = {*cell.units} or {*cell.weak_units}
    if cell.signs or len(units) > 1 or not (units or cell.currencies or cell.not_stated):
        raise unknown_period()
    unit = next(iter(units), None)
    return _UnitColumn(unit, TIMES[times[1]] if times else None, tuple(cell.currencies))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(words_in(vocabulary_file("wages")[name]))


def _cell(text: str) -> WageCell:
    if _PLAIN.fullmatch(text):  # the usual case
        return WageCell("A", [Amount(Decimal(text))])
    plain = folded_value(text)
    if not plain or _DASHES.fullmatch(plain) or _MINUS_ONE.fullmatch(plain):
        return WageCell(not_stated=True)
    return wage_cell(text)


def _require_not_stated(cells: Iterable[WageCell]) -> None:
    if not all(_states_none(cell) for cell in cells):
        raise not_a_wage()


def _states_none(cell: WageCell) -> bool:
    """Return whether a cell says that no wage is stated, or holds a note that says no more."""
    alone = bool(cell.notes) and _words("alone").issuperset(cell.notes)
    return (cell.not_stated and not cell.signs) or (alone and cell.signs in {"", ">"})


def _note(cells: list[WageCell], unit: WageUnit | None) -> str:
    notes = [note for cell in cells for note in cell.notes]
    notes += [word for cell in cells for weak, word in cell.weak_units.items() if weak is not unit]
    return "，".join(dict.fromkeys(filter(None, notes)))


def _one_unit(cells: list[WageCell], column: WageUnit | None) -> WageUnit | None:
    """Return the pay period that cells and column state. Raises NotUnderstood for two of them."""
    units = {unit for cell in cells for unit in cell.units} | ({column} if column else set())
    units = units or _weak_units(cells)
    if len(units) > 1:
        raise NotUnderstood(
            "names two pay periods; leave one of them", "写有两种计薪方式，请只保留一种"
        )
    return next(iter(units), None)


def _weak_units(cells: list[WageCell]) -> set[WageUnit]:
    """Return the units of 日结 and 计件; 计件 5000-8000 is no price of a piece."""
    units = {unit for cell in cells for unit in cell.weak_units}
    amounts = [_full(amount, None) for cell in cells for amount in cell.amounts]
    return units - ({WageUnit.PIECE} if max(amounts) >= SMALL else set())


def _one_currency(cells: list[WageCell], column: _UnitColumn, currency: str) -> str | None:
    words = [word for cell in cells for word in cell.currencies]
    plain = folded_value(currency)
    return one_currency((*words, *column.currencies, *([plain] if plain else [])))


def _ends(
    cells: list[WageCell], times: Decimal | None, unit: WageUnit | None
) -> tuple[Decimal | None, Decimal | None]:
    """Return the two ends; an end of 0 is not stated. Raises NotUnderstood."""
    for cell in cells:
        _check_places(cell.amounts, times, unit)
    first, second = cells
    low, high = _ends_of(first, times)
    if second.amounts:
        low, high = _with_second(first, second, (low, high), times)
    return low or None, high or None


def _ends_of(cell: WageCell, times: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    if cell.signs in _RANGES and cell.amounts[0].high is None is cell.amounts[1].high:
        return _shared(cell.amounts[0], cell.amounts[1], times)
    if cell.signs not in _BOUNDS or (cell.signs and not cell.amounts):
        raise not_a_wage()
    if not cell.amounts:
        return None, None
    below, above = _BOUNDS[cell.signs]
    (amount,) = cell.amounts
    low = _full(amount, times)
    high = low if amount.high is None else amount.high
    return low if below else None, high if above else None


def _with_second(
    first: WageCell,
    second: WageCell,
    ends: tuple[Decimal | None, Decimal | None],
    times: Decimal | None,
) -> tuple[Decimal | None, Decimal | None]:
    """Return the ends of two cells, the second of which holds the upper one."""
    if not first.amounts:
        low, high = _ends_of(second, times)
        return (None, high) if second.signs == "A" else (low, high)
    if first.signs in _LOWER and second.signs in _UPPER:
        return _shared(first.amounts[0], second.amounts[0], times)
    if _ends_of(second, times)[1] == ends[1]:
        return ends
    raise NotUnderstood(
        "states two different wages; leave one of them", "写有两个不同的工资，请只保留一个"
    )


def _shared(low: Amount, high: Amount, times: Decimal | None) -> tuple[Decimal, Decimal]:
    """Return both ends of a range in which one 千 or 万 may stand for both: 1.5-2万."""
    top, bottom = _full(high, times), _full(low, times)
    if low.times is None and high.times is not None and low.number:
        if low.number * high.times <= top:
            return _full(low, high.times), top
        if bottom * FAR_APART < top:
            raise _lacks_thousands()
    if high.times is None and low.times not in (None, ONE) and 0 < top < bottom:
        raise _lacks_thousands()
    return bottom, top


def _full(amount: Amount, times: Decimal | None) -> Decimal:
    return shortest(amount.number * (amount.times or times or ONE))


def _check_places(amounts: Iterable[Amount], times: Decimal | None, unit: WageUnit | None) -> None:
    """Raise NotUnderstood for 4.500 where it may be 4500."""
    if times is None and unit not in FINE_UNITS and any(each.three_places for each in amounts):
        raise two_readings()


def _checked(wage: Wage) -> Wage:
    """Return the wage. Raises NotUnderstood for ends in the wrong order or of the wrong size."""
    ends = [end for end in (wage.minimum, wage.maximum) if end is not None]
    if ends[0] > ends[-1]:
        raise NotUnderstood(
            "has a lower end above the upper end; exchange the two", "下限高于上限，请对调"
        )
    if ends[-1] > HIGHEST:
        raise NotUnderstood("is too high; write the amount in full", "数额过大，请核对后重新填写")
    plain_money = wage.currency not in SMALL_UNITS_OF_MONEY
    if plain_money and wage.unit in MOST and ends[-1] > MOST[wage.unit]:
        raise NotUnderstood(
            "is too high for its pay period; correct the amount or the period",
            "与计薪方式不符（数额过高），请核对数额或计薪方式",
        )
    if plain_money and wage.unit in LEAST and ends[0] < LEAST[wage.unit]:
        raise _lacks_thousands()
    return wage


def _lacks_thousands() -> NotUnderstood:
    return NotUnderstood(
        "is too low for its pay period; write the amounts in full, such as 6000-8000, or with "
        "千 or 万 at both ends",
        "与计薪方式不符，请写完整数额，例如 6000-8000，或在两端都写明“千”“万”",
    )
