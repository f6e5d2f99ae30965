"""Amounts of money as written: 4,500.00, 1.2万, 15k, 3千5, 五千, 五六千. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from producers.values.not_understood import NotUnderstood
from producers.values.numerals import DIGITS, LARGE_UNITS, NUMERAL, SMALL_UNITS, chinese_number

ONE = Decimal(1)
_POWERS = {"分": -2, "毛角": -1, "百佰": 2, "千仟k": 3, "万w": 4, "亿": 8}
TIMES = {mark: Decimal(10) ** power for marks, power in _POWERS.items() for mark in marks}
TIMES |= {"thousand": Decimal(1_000), "wan": Decimal(10_000)}
"""Multipliers by the marks after a number."""
NUMBER = re.compile(
    r"(?P<digits>\d(?:[\d.,]*\d)?)"
    r"(?:\s?(?P<times>百|佰|千|仟|万|亿|毛|角|分(?!钟)|(?:k|w|wan|thousand)(?![a-z])))?"
    r"(?P<rest>(?<=[百千万wW])\d{1,4}(?![\d.,])(?P<rest_times>[百千])?)?",
    re.IGNORECASE,
)
CHINESE = re.compile(f"[{NUMERAL}]{{1,20}}")
DESTROYED = re.compile(r"\d+(?:\.\d+)?e[+-]?\d+(?![a-z\d])", re.IGNORECASE)
_WHOLE = re.compile(r"\d{1,12}")
_DECIMAL = re.compile(r"\d{1,12}\.\d{1,12}")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,4})?")
_THREE_PLACES = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_NEIGHBOURS = re.compile(r"([一二三四五六七八])([二三四五六七八九])([十百千万])")


def two_readings() -> NotUnderstood:
    """Return the error for a number that can be read in two ways."""
    return NotUnderstood(
        "can be read as two numbers; write it without separators of thousands, and the decimals "
        "after a point, such as 4500.00",
        "数字写法有歧义，请不要使用千位分隔符，小数点用“.”，例如 4500.00",
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """Amount as written: the number, its 千 or 万 if it has one, and a second end of 五六千."""

    number: Decimal
    times: Decimal | None = None
    high: Decimal | None = None
    three_places: bool = False
    """True for a number that may be in thousands, 4.500."""


def amount_of(found: re.Match[str]) -> Amount:
    """Return the amount in a match of `NUMBER`. Raises NotUnderstood."""
    number = _plain_number(found["digits"])
    times = TIMES[found["times"].lower()] if found["times"] else None
    if found["rest"]:
        return Amount(_with_rest(number, times or ONE, found), ONE)
    three_places = times is None and bool(_THREE_PLACES.fullmatch(found["digits"]))
    return Amount(number, times, three_places=three_places)


def chinese_amount(text: str) -> Amount | None:
    """Return the amount of a Chinese numeral; None if it is none."""
    if close := _NEIGHBOURS.fullmatch(text):
        if DIGITS[close[2]] != DIGITS[close[1]] + 1:
            return None
        unit = Decimal((SMALL_UNITS | LARGE_UNITS)[close[3]])
        return Amount(DIGITS[close[1]] * unit, ONE, DIGITS[close[2]] * unit)
    times = TIMES.get(text[-1])
    if times and (number := chinese_number(text[:-1])) is not None:
        return Amount(number, times)
    number = chinese_number(text)
    return None if number is None else Amount(number, ONE if number >= 100 else None)


def _plain_number(digits: str) -> Decimal:
    if _WHOLE.fullmatch(digits) or _DECIMAL.fullmatch(digits):
        return Decimal(digits)
    if _GROUPED.fullmatch(digits):
        return Decimal(digits.replace(",", ""))
    raise two_readings()


def _with_rest(number: Decimal, times: Decimal, found: re.Match[str]) -> Decimal:
    """Return 1万2 as 12000, 1万2千 as 12000, 1万2000 as 12000. Raises NotUnderstood."""
    rest, own = Decimal(found["rest"].rstrip("百千")), found["rest_times"]
    short = own is None and rest < 10
    added = rest * (TIMES[own] if own else times // 10 if short else 1)
    if number != int(number) or not times // 10 <= added < times:
        raise two_readings()
    return number * times + added
