"""Chinese numerals: 三千五 is 3500, 一万二 is 12000, 壹万贰仟 is 12000, 二〇二六 is 2026."""

from __future__ import annotations

from decimal import Decimal

DIGITS = {
    character: value
    for value, characters in enumerate(
        ("零〇", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}
NUMERAL = "".join((*DIGITS, *SMALL_UNITS, *LARGE_UNITS))
"""All characters of Chinese numerals."""
LONGEST = 20
"""Most characters of a numeral."""


def shortest(value: Decimal) -> Decimal:
    """Return a number without zeros after its decimals and without an exponent."""
    return Decimal(int(value)) if value == int(value) else value.normalize()


def chinese_number(text: str) -> Decimal | None:
    """Return the value of a Chinese numeral; None for any other text."""
    if not text or len(text) > LONGEST or any(each not in NUMERAL for each in text):
        return None
    if all(each in DIGITS for each in text):
        return Decimal("".join(str(DIGITS[each]) for each in text))
    return _Numeral().value_of(text)


class _Numeral:
    """Sum of the places of a numeral as it is read from left to right."""

    def __init__(self) -> None:
        self.total = self.section = 0
        self.digit: int | None = None
        self.last_unit = 0
        self.after_zero = False

    def value_of(self, text: str) -> Decimal | None:
        for character in text:
            if not self._add(character):
                return None
        return Decimal(self.total + self.section + self._trailing())

    def _add(self, character: str) -> bool:
        """Add a character; return whether it may follow those before it."""
        if character in DIGITS:
            return self._add_digit(DIGITS[character])
        if character in SMALL_UNITS:
            return self._add_small(SMALL_UNITS[character])
        return self._add_large(LARGE_UNITS[character])

    def _add_digit(self, digit: int) -> bool:
        if digit == 0:
            self.after_zero = True
            return self.digit is None and bool(self.last_unit)
        if self.digit is not None:
            return False
        self.digit = digit
        return True

    def _add_small(self, unit: int) -> bool:
        if self.digit is None and unit != 10:
            return False
        if self.section and unit * 10 > self.last_unit:
            return False
        self.section += (self.digit or 1) * unit
        return self._end(unit)

    def _add_large(self, unit: int) -> bool:
        self.section += self.digit or 0
        if not self.section or (self.total and self.total < unit * 10):
            return False
        self.total += self.section * unit
        self.section = 0
        return self._end(unit)

    def _end(self, unit: int) -> bool:
        self.digit, self.last_unit, self.after_zero = None, unit, False
        return True

    def _trailing(self) -> int:
        """Return the last digit's value: 三千五 leaves out 百, 三千零五 does not."""
        short = self.last_unit >= 100 and not self.after_zero
        return (self.digit or 0) * (self.last_unit // 10 if short else 1)
