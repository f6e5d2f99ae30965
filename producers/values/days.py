"""Days as people and spreadsheets write them: 2026年12月1日, 1 Dec 2026, 46357, 随时. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache

from producers.values.cell_text import folded_value
from producers.values.not_understood import NotUnderstood
from producers.values.numerals import NUMERAL, chinese_number
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in

FIRST_YEAR, LAST_YEAR = 1950, 2100
LONGEST_CELL = 60
FIRST_SERIAL, LAST_SERIAL = 36_526, 73_415
"""Serial numbers of days from 2000 to 2100, as spreadsheets with the 1900 system store them."""
_SERIAL_ZERO = date(1899, 12, 30)
_WEEKDAY = (
    r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|"
    r"sun)(?:day)?\.?,?)"
)
_TIME = (
    r"(?:t|\s)?\s?(?:(?:早上?|上午|中午|下午|凌晨|晚上?)\s?)?\d{1,2}(?:[时点](?!\d)|[:时点]\d{1,2}(?:[:分]\d{1,2}秒?|分)?)(?:[.,]\d{1,9})?"
    r"(?:\s?[ap]\.?m\.?)?"
)
_ZONE = r"(?:\s?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d)))?"
_AFTER = re.compile(rf"\s?{_WEEKDAY}?\s?(?P<time>{_TIME})?{_ZONE}\s?{_WEEKDAY}?", re.IGNORECASE)
_BEFORE = re.compile(rf"{_WEEKDAY}\s?", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(\d{4})\s?(?:[-/⁄.\\]|年)\s?(\d{1,2})\s?(?:[-/⁄.\\]|月)\s?(\d{1,2})(?:\s?[日号])?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/⁄.\\])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.\d{1,12})?")
_SECONDS = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?(?:\s?[-/. ]\s?|\sof\s)?{_MONTH}"
    r"\s?[-/. ,]?\s?(\d{4}|\d{2})(?!\d)"
)
_MONTH_DAY = re.compile(
    rf"{_MONTH}\s?[-/. ]?\s?(\d{{1,2}})(?:st|nd|rd|th)?\s?[-/., ]\s?(\d{{4}})(?!\d)"
)
_YEAR_MONTH_DAY = re.compile(rf"(\d{{4}})\s?[-/. ]\s?{_MONTH}\s?[-/. ]\s?(\d{{1,2}})(?!\d)")
_CHINESE = re.compile(rf"([{NUMERAL}]{{4}})年([{NUMERAL}]{{1,3}})月([{NUMERAL}]{{1,3}})[日号]")
_STROKE = re.compile(r"(?<=\d)\s?[—–−﹣]\s?(?=\d)")
_LIST_MARKS = re.compile(r"(\d{4})([、 ])(\d{1,2})\2(\d{1,2})(?!\d)")
_WITH_CLOCK = re.compile(r"(\d{8})t?([01]\d|2[0-4])([0-5]\d)(?:([0-5]\d))?(z?)")
"""Day and time without marks: 20261201083000, 20261201T083000Z."""
_PRINTED = re.compile(
    r"([a-z]{3}) (\d{1,2}) (\d{2}:\d{2}:\d{2})(?: [a-z]{2,4})? (\d{4})", re.IGNORECASE
)
"""Day as programs print it, after its weekday: Dec 01 00:00:00 CST 2026."""
_OFFSET_NAME = re.compile(r"(?:gmt|utc)(?=[+-]\d)|(?<=[+-]\d{4}) (?:cst|\([^()\d]{1,30}\))$")
_LETTER_O = re.compile(r"(?<=[一二三四五六七八九零〇])[o○0](?=[一二三四五六七八九零〇年])")
_NO_YEAR = re.compile(r"\d{1,2}\s?(?:月|[-/.])\s?\d{1,2}\s?[日号]?")
_NO_DAY = re.compile(r"\d{4}\s?(?:年|[-/.])\s?\d{1,2}\s?月?")


class DayOrder(StrEnum):
    """Order of day and month in a column of days such as 1/5/2026."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class AmbiguousDay(NotUnderstood):
    """Day that can be read as two: 1/5/2026."""


@remembered
def parse_day(text: str, order: DayOrder | None = None, zone: tzinfo | None = None) -> date | None:
    """Return the day that a text names; None for an empty text, 随时, 长期有效 and the like.

    `order` is the order of days and months in the column. With `zone`, a time with an offset
    counts in that zone. Raises NotUnderstood, and AmbiguousDay for a text with two readings.
    """
    plain = folded_value(text)
    if not plain or _is_open(plain):
        return None
    if len(plain) > LONGEST_CELL:
        raise _not_a_day()
    plain = _respelt(_without_words(_unquoted(plain)))
    if serial := _SERIAL.fullmatch(plain):
        return _of_serial(int(serial[1]))
    day, end = _leading_day(plain, order)
    rest = _AFTER.fullmatch(plain, end)
    if rest is None:
        raise _not_a_day()
    return _in_zone(day, rest, zone)


def day_order(texts: Iterable[str]) -> DayOrder | None:
    """Return the order of days and months in a column; None if none of its values tells.

    Raises NotUnderstood if its values contradict each other.
    """
    found = {order for text in texts if (order := _order_of(text)) is not None}
    if len(found) > 1:
        raise NotUnderstood(
            "holds days with the day first and days with the month first; write all of them as "
            "2026-12-01",
            "同一列中日、月的先后顺序不一致，请统一写成 2026-12-01 的形式",
        )
    return next(iter(found), None)


def is_ambiguous_day(text: str) -> bool:
    """Return whether a text names a day only with the order of its column."""
    try:
        parse_day(text)
    except AmbiguousDay:
        return True
    except NotUnderstood:
        return False
    return False


def _order_of(text: str) -> DayOrder | None:
    if len(text) > LONGEST_CELL:
        return None
    found = _YEAR_LAST.match(_respelt(_without_words(_unquoted(folded_value(text)))))
    if found is None or len(found[4]) == 2:
        return None
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if second > 12 >= first else None


@cache
def _words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words_in(text)) for name, text in vocabulary_file("days").items()}


@cache
def _around() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of words before and after a day."""
    before, after = (
        "|".join(re.escape(word) for word in sorted(_words()[name], key=len, reverse=True))
        for name in ("before", "after")
    )
    return re.compile(rf"(?:(?:{before})\s?:?\s?){{1,2}}(?=.*\d)"), re.compile(rf"\s?(?:{after})$")


def _is_open(plain: str) -> bool:
    words = _words()
    if plain.rstrip("。.!！ ") in words["open"] or plain in words["open"]:
        return True
    unnumbered = len(plain) <= LONGEST_CELL and not re.search(rf"[\d{NUMERAL}]", plain)
    return unnumbered and any(word in plain for word in words["open within"])


def _without_words(plain: str) -> str:
    """Return a text without the words around a day, and without a leading weekday."""
    before, after = _around()
    if found := before.match(plain):
        plain = plain[found.end() :]
    plain = after.sub("", plain)
    weekday = _BEFORE.match(plain)
    return plain[weekday.end() :] if weekday else plain


def _unquoted(plain: str) -> str:
    """Return a text without what sheets and forms put around a day: ="…", quotes, brackets."""
    plain = plain.removeprefix("=").strip("\"'`“”‘’").rstrip("。 ")
    return plain[1:-1] if plain[:1] == "(" and plain[-1:] == ")" else plain


def _respelt(plain: str) -> str:
    """Return a day as programs and pens write it in one of the usual spellings."""
    plain = _LIST_MARKS.sub(r"\1-\3-\4", _STROKE.sub("-", plain), count=1)
    if clock := _WITH_CLOCK.fullmatch(plain):
        return f"{clock[1]} {clock[2]}:{clock[3]}:{clock[4] or '00'}{clock[5]}"
    if printed := _PRINTED.fullmatch(plain):
        return f"{printed[1]} {printed[2]} {printed[4]} {printed[3]}"
    return _OFFSET_NAME.sub("", _LETTER_O.sub("〇", plain))


def _leading_day(plain: str, order: DayOrder | None) -> tuple[date, int]:
    """Return the day at the beginning of a text, and its end. Raises NotUnderstood."""
    if found := _YEAR_FIRST.match(plain) or _COMPACT.match(plain):
        return _day(*(int(part) for part in found.groups())), found.end()
    if found := _YEAR_LAST.match(plain):
        return _year_last(int(found[1]), int(found[3]), found[4], order), found.end()
    if found := _YEAR_MONTH_DAY.match(plain):
        return _day(int(found[1]), _month(found[2]), int(found[3])), found.end()
    if found := _DAY_MONTH.match(plain):
        return _day(_year(found[3]), _month(found[2]), int(found[1])), found.end()
    if found := _MONTH_DAY.match(plain):
        return _day(int(found[3]), _month(found[1]), int(found[2])), found.end()
    if found := _CHINESE.match(plain):
        parts = [chinese_number(part) for part in found.groups()]
        return _day(*(int(part or 0) for part in parts)), found.end()
    raise _reason(plain)


def _reason(plain: str) -> NotUnderstood:
    if _SECONDS.fullmatch(plain):
        return NotUnderstood(
            "is a number of seconds, not a day; write it such as 2026-12-01",
            "是时间戳而不是日期，请写成 2026-12-01 的形式",
        )
    if _NO_YEAR.fullmatch(plain):
        return NotUnderstood(
            "has no year; write it such as 2026-12-01", "缺少年份，请写成 2026-12-01 的形式"
        )
    if _NO_DAY.fullmatch(plain):
        return NotUnderstood(
            "has no day of the month; write it such as 2026-12-01",
            "缺少具体日期，请写成 2026-12-01 的形式",
        )
    return _not_a_day()


def _year_last(first: int, second: int, year: str, order: DayOrder | None) -> date:
    if len(year) == 2 and order is None:
        raise NotUnderstood(
            "has a year of two digits; write it such as 2026-12-01",
            "年份只有两位，请写成 2026-12-01 的形式",
        )
    possible = {
        DayOrder.DAY_FIRST: (second, first),
        DayOrder.MONTH_FIRST: (first, second),
    }
    if order is None:
        months = {pair for pair in possible.values() if pair[0] <= 12}
        if len(months) > 1:
            raise AmbiguousDay(
                "can be read with the day or the month first; write it such as 2026-05-01, or "
                "state the order for the column",
                "日、月的先后顺序不明，请写成 2026-05-01 的形式，或为该列指定顺序",
            )
        month, day = months.pop() if months else (0, 0)
    else:
        month, day = possible[order]
    return _day(_year(year), month, day)


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1


def _day(year: int, month: int, day: int) -> date:
    """Return a day. Raises NotUnderstood for one that does not exist, or is too far away."""
    with suppress(ValueError):
        found = date(year, month, day)
        if FIRST_YEAR <= year <= LAST_YEAR:
            return found
    raise NotUnderstood(
        f"is no day between {FIRST_YEAR} and {LAST_YEAR}; write it such as 2026-12-01",
        f"不是 {FIRST_YEAR} 至 {LAST_YEAR} 年间存在的日期，请写成 2026-12-01 的形式",
    )


def _of_serial(number: int) -> date:
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        raise _not_a_day()
    return _SERIAL_ZERO + timedelta(days=number)


def _in_zone(day: date, rest: re.Match[str], zone: tzinfo | None) -> date:
    """Return the day in a time zone, if the text states a time with its offset."""
    hour, minute = _clock(rest["time"] or "")
    if zone is None or rest["time"] is None or rest["zone"] is None:
        return day
    moment = datetime.combine(day, time(), _offset(rest["zone"])) + timedelta(
        hours=hour, minutes=minute
    )
    return moment.astimezone(zone).date()


def _clock(text: str) -> tuple[int, int]:
    """Return hours and minutes of a time of day. Raises NotUnderstood."""
    numbers = [int(part) for part in re.findall(r"\d+", text)[:2]] + [0, 0]
    hour, minute = numbers[:2]
    if hour > 24 or minute > 59:
        raise _not_a_day()
    afternoon = re.search(r"p\.?m|下午|晚上", text)
    return (hour + 12 if afternoon and hour < 12 else hour), minute


def _offset(text: str) -> timezone:
    digits = re.sub(r"\D", "", text).ljust(4, "0")
    if not digits.strip("0"):
        return UTC
    minutes = int(digits[:2]) * 60 + int(digits[2:4])
    if minutes >= 24 * 60:
        raise _not_a_day()
    return timezone(timedelta(minutes=-minutes if text.startswith("-") else minutes))


def _not_a_day() -> NotUnderstood:
    return NotUnderstood(
        "is not a day; write it such as 2026-12-01, or 随时 or 长期有效 for none",
        "不是可识别的日期，请写成 2026-12-01 的形式；没有日期的，请填写“随时”或“长期有效”",
    )
