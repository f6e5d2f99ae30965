"""Working-time patterns in common wording: 长白班, 两班倒, 9:00-18:00. Pure."""

from __future__ import annotations

import re
from functools import cache

from producers.values.cell_text import folded_value
from producers.values.lexicon import LONGEST_TEXT, Lexicon
from producers.values.not_understood import NotUnderstood
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in
from roost.events.common import Shift

_HOURS = re.compile(
    r"(?:早上?|上午|晚上?|下午|夜里)?(?P<from>\d{1,2})(?:[:点时](?P<from_half>\d{2}|半)?分?)?\s?(?P<from_pm>[ap](?:\.?m\.?)?(?![a-z]))?"
    r"\s?(?:-|~|–|—|至|到|to|(?=晚\d))\s?(?P<next>次日|第二天|凌晨|早上?|上午|晚上?|下午)?"
    r"(?P<to>\d{1,2})(?:[:点时](?:\d{2}|半)?分?)?\s?(?P<to_pm>[ap](?:\.?m\.?)?(?![a-z]))?(?!\d)"
)
_COUNT = r"[\d一二两三四五六七八九十]{1,2}"
_DAYS_OFF = re.compile(
    rf"每?[月周]休息?\s?{_COUNT}(?:\s?[-~至到]\s?{_COUNT})?\s?天|[上做]\s?\w{{1,2}}休\s?\w"
    rf"|每?周(?:工作|上班)\s?{_COUNT}\s?天"
    rf"|(?:每天|每日)?(?:工作|上班)?\s?{_COUNT}(?:\.5)?\s?个?小时(?:工作制|/天|每天|/日|制)?(?!倒)"
    r"|(?:一周|半个?月|一个月|\d{1,2}天)一[换倒轮]"
)
_CHINESE_HOURS = re.compile(r"[早朝]([七八九十])晚([四五六七八])")
_HOURS_ZH = dict(zip("四五六七八九十", range(4, 11), strict=True))
_EVENING = re.compile(r"晚上?|下午|夜里")


@remembered
def parse_shifts(text: str) -> tuple[Shift, ...]:
    """Return the patterns that a text names, each once; none if it states none.

    Raises NotUnderstood.
    """
    plain = folded_value(text)
    if not plain or plain in _unstated():
        return ()
    if len(plain) > LONGEST_TEXT:
        raise _unknown()
    found: list[Shift] = []

    def by_hours(hours: re.Match[str]) -> str:
        found.append(_shift_of(hours))
        return " "

    rest = _HOURS.sub(by_hours, _CHINESE_HOURS.sub(_in_digits, _DAYS_OFF.sub(" ", plain)))
    words = _lexicon().meanings_in(rest)
    if words is None:
        raise _unknown()
    return tuple(dict.fromkeys((*found, *(each for each in words if each is not None))))


def _in_digits(found: re.Match[str]) -> str:
    """Return 早八晚六 as 早8点到晚6点."""
    return f"早{_HOURS_ZH[found[1]]}点到晚{_HOURS_ZH[found[2]]}点"


def _shift_of(hours: re.Match[str]) -> Shift:
    """Return the pattern of working hours: by day, unless they begin or end in the night."""
    start, end = _hour(hours, "from"), _hour(hours, "to")
    if start > 24 or end > 24:
        raise _unknown()
    late = start >= 18 or start < 5 or hours["next"] in {"次日", "第二天", "凌晨"}
    return Shift.NIGHT if late else Shift.DAY


def _hour(hours: re.Match[str], side: str) -> int:
    hour = int(hours[side])
    said = hours.group()[: hours.start(side) - hours.start()] if side == "from" else hours["next"]
    afternoon = (hours[f"{side}_pm"] or "").startswith("p") or _EVENING.search(said or "")
    return hour + 12 if afternoon and hour < 12 else hour


@cache
def _lexicon() -> Lexicon[Shift | None]:
    words = vocabulary_file("shifts")
    known: dict[str, Shift | None] = dict.fromkeys(words_in(words["filler"]))
    for shift in Shift:
        known |= dict.fromkeys(words_in(words[shift.value]), shift)
    return Lexicon(known)


@cache
def _unstated() -> frozenset[str]:
    return frozenset(words_in(vocabulary_file("shifts")["unstated"]))


def _unknown() -> NotUnderstood:
    return NotUnderstood(
        "is not a known pattern of working time; write 白班, 夜班, 倒班, 周末 or 弹性",
        "不是可识别的班次，请填写 白班、夜班、倒班、周末 或 弹性",
    )
