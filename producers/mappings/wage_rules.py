"""Reading of wages by a rule: amounts, pay period and currency from up to four cells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from producers.mappings.mapping_model import Rule
from producers.values import NotUnderstood, parse_currency, parse_pay_period, parse_wage, with_unit
from producers.values.remembering import remembered
from roost.events.common import Currency, WageUnit

IMPLIED_LEAST = Decimal(500)
"""Least amount that is taken for a month where no pay period is stated: less may be a day's."""


class WagePartFault(NotUnderstood):
    """Fault of the column of the pay period or of the currency, named by `part`."""

    def __init__(self, part: str, error: NotUnderstood) -> None:
        super().__init__(error.message, error.message_zh)
        self.part = part


@dataclass(frozen=True, slots=True)
class ReadWage:
    """Wage in the fields of the API, and words that add to it, such as 14薪."""

    fields: Mapping[str, Any]
    note: str


def read_wage(low: str, high: str, unit: str, currency: str, rule: Rule) -> ReadWage | None:
    """Return the wage of some cells; None if they state none. Raises NotUnderstood."""
    return _read(low, high, unit, currency, rule.empty_unit, rule.currency)


@remembered
def _read(
    low: str,
    high: str,
    unit: str,
    currency: str,
    empty_unit: WageUnit | None,
    usual_currency: Currency | None,
) -> ReadWage | None:
    _check_parts(unit, currency)
    wage = parse_wage(low, high, unit, currency)
    if wage is None:
        return None
    ends = [each for each in (wage.minimum, wage.maximum) if each is not None]
    if wage.unit is None:
        implied = empty_unit is WageUnit.MONTH
        if empty_unit is None or (implied and max(ends) < IMPLIED_LEAST):
            raise _no_pay_period()
        wage = with_unit(wage, empty_unit)
    assert wage.unit is not None
    fields = {
        "currency": wage.currency or usual_currency or "CNY",
        "unitText": wage.unit.value,
        "minValue": None if wage.minimum is None else _plain(wage.minimum),
        "maxValue": None if wage.maximum is None else _plain(wage.maximum),
    }
    stated = {name: value for name, value in fields.items() if value is not None}
    return ReadWage(MappingProxyType(stated), wage.note)


def wage_amount(text: str) -> float | int | None:
    """Return the amount of a cell that holds one end of a wage; None for 面议, 0 and -1.

    Raises NotUnderstood.
    """
    wage = parse_wage(text)
    if wage is None:
        return None
    if wage.minimum is None or wage.minimum != wage.maximum:
        raise NotUnderstood(
            "holds a range where one amount belongs; read the column `as: wage`",
            "为区间，此处只能有一个数额；请在映射中用 as: wage 读取",
        )
    return _plain(wage.minimum)


def _check_parts(unit: str, currency: str) -> None:
    """Raise WagePartFault if the pay period or the currency alone cannot be read."""
    parts: dict[str, tuple[str, Callable[[str], object]]] = {
        "unit": (unit, parse_pay_period),
        "currency": (currency, parse_currency),
    }
    for part, (text, parse) in parts.items():
        try:
            if text:
                parse(text)
        except NotUnderstood as error:
            raise WagePartFault(part, error) from None


def _no_pay_period() -> NotUnderstood:
    return NotUnderstood(
        "has no pay period; write one, such as 4500元/月 or 200元/天",
        "未写计薪方式，请写明，例如 4500元/月 或 200元/天",
    )


def _plain(amount: Decimal) -> float | int:
    return int(amount) if amount == int(amount) else float(amount)
