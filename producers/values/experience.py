"""Years of experience in common wording: 3-5年, 5年以上, 应届, 2+ years, 半年. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from producers.values.cell_text import folded_value
from producers.values.lexicon import LONGEST_TEXT, Lexicon
from producers.values.not_understood import NotUnderstood
from producers.values.numerals import DIGITS, NUMERAL, chinese_number, shortest
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in

MOST_YEARS = 70
_ENGLISH = {
    word: Decimal(value)
    for value, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
_TERM = re.compile(
    rf"(?P<count>(?<![\d.])\d{{1,2}}(?:\.\d{{1,2}})?(?![\d.])|[{NUMERAL}]{{1,3}}|半|"
    rf"(?<![a-z])(?:half an?|an?|{'|'.join(_ENGLISH)})(?![a-z]))"
    r"\s?(?P<more>\+|多|余)?个?(?P<half>半)?\s?(?P<unit>周年|年|月|(?:years?|yrs?|y|months?|mos?)(?![a-z])\.?)?(?P<and>半)?"
)
_CLAUSE = re.compile(r"[,;。]")
_WISH = re.compile(r"[^\d年月]*(?:优先|preferred|a plus)[^\d年月]*")
"""Clause that only states a preference: 有经验者优先."""
_OPEN = re.compile(
    r"(?:接受|欢迎)?(?:应届(?:毕业)?生?|新手|生手|小白|零?无?经验者?|无需经验|学徒|小工|也|亦|均|都|、|/)*"
    r"(?:可以?|亦可|均可|接受|欢迎)?(?:培训|学|带|免费培训)?"
)
"""Clause that admits people without experience: 新手可培训, 应届生亦可."""
_BEGINNERS = re.compile(r"应届|新手|生手|小白|无经验|零经验|无需经验")
_NEIGHBOURS = re.compile(
    rf"(?<![{NUMERAL}\d])([一二两三四五六七八])([两二三四五六七八九])(?=个?[年月])"
)
"""Two ends of a range, written together: 两三年, 三五年."""
_TENS = re.compile(r"十几(?=年)")
_REPEATED = re.compile(r"(?<=[a-z]) ?\((\d{1,2})\)")
"""Number in brackets after the same number in words: three (3) years."""
_FIELD_BEFORE = re.compile(
    r"[\u3400-\u9fff]{1,8}?(?:工作)?(?=\s?(?:\d|[一二两三四五六七八九十半]))"
)
"""Field of the experience after 从事: 从事焊接5年."""
_FIELD = re.compile(r"(?:(?![无不非没])[\u3400-\u9fff]){1,8}?(?=(?:相关|工作|从业)*经[验历])")
"""Field of the experience, between the years and the word for it: 3年以上焊接经验."""
_SIGNS = {"above": ">", "below": "<", "range": "-"}
_BOUNDS = {
    "T": (True, True),
    "T>": (True, False),
    ">T": (True, False),
    ">T>": (True, False),
    "T<": (False, True),
    "<T": (False, True),
}


@dataclass(frozen=True, slots=True)
class Experience:
    """Years of experience; the upper end is None if there is none."""

    minimum: Decimal
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class _Term:
    """Number of years or months as written; `months` is None without a unit."""

    count: Decimal
    months: int | None


@remembered
def parse_experience(text: str) -> Experience | None:
    """Return the years that a text names; None if it states none. Raises NotUnderstood.

    经验不限 has no upper end, 应届 and 无经验 are no years, a single number is both ends.
    """
    plain = folded_value(text)
    if not plain or plain in _whole("unstated"):
        return None
    if plain in _whole("any"):
        return Experience(Decimal(0), None)
    if plain in _whole("none"):
        return Experience(Decimal(0), Decimal(0))
    if len(plain) > LONGEST_TEXT:
        raise _unknown()
    clauses = [each.strip() for each in _CLAUSE.split(plain) if each.strip()]
    stated = [each for each in clauses if not _is_open(each)]
    if clauses and (not stated or any(_admits_beginners(each) for each in clauses)):
        return Experience(Decimal(0), None)
    terms: list[_Term] = []
    signs = "".join(_signs(_spelt_out(",".join(stated)), terms))
    return _experience(signs, terms)


def _is_open(clause: str) -> bool:
    """Return whether a clause asks for no experience: 经验不限, 新手可培训, 有经验者优先."""
    return (
        clause in _whole("any")
        or bool(_WISH.fullmatch(clause))
        or (clause not in _whole("none") and bool(_OPEN.fullmatch(clause)))
    )


def _admits_beginners(clause: str) -> bool:
    """Return whether a clause admits people without experience, whatever others ask for."""
    return bool(_BEGINNERS.search(clause) and _OPEN.fullmatch(clause))


def _spelt_out(plain: str) -> str:
    """Return a text with both ends of 两三年 as a range, and 十几年 as 十多年."""
    plain = plain.replace("十来年", "十年")
    return _REPEATED.sub("", _TENS.sub("十多", _NEIGHBOURS.sub(r"\1-\2", plain)))


def _signs(plain: str, terms: list[_Term]) -> Iterator[str]:
    """Yield T for each number, and the signs around it. Raises NotUnderstood."""
    at = 0
    while at < len(plain):
        if plain[at] == " ":
            at += 1
        elif found := _TERM.match(plain, at):
            terms.append(_term(found))
            yield "T>" if found["more"] else "T"
            at = found.end()
        elif word := _lexicon().word_at(plain, at):
            yield _SIGNS.get(_lexicon().meanings[word.group()], "")
            at = word.end()
        elif field := _field_at(plain, at, numbered=bool(terms)):
            at = field.end()
        else:
            raise _unknown()


def _field_at(plain: str, at: int, *, numbered: bool) -> re.Match[str] | None:
    """Return the field of the experience at a position, after the years or after 从事."""
    if numbered:
        return _FIELD.match(plain, at)
    return _FIELD_BEFORE.match(plain, at) if plain.endswith("从事", 0, at) else None


def _term(found: re.Match[str]) -> _Term:
    half = Decimal("0.5") if found["half"] or found["and"] else Decimal(0)
    unit = found["unit"]
    months = None if unit is None else 1 if unit.startswith(("月", "mo")) else 12
    return _Term(_count(found["count"]) + half, months)


def _count(text: str) -> Decimal:
    if text[0].isdigit() and text[0].isascii():
        return Decimal(text)
    if text == "半" or text.startswith("half"):
        return Decimal("0.5")
    if text in {"a", "an"}:
        return Decimal(1)
    count = _ENGLISH[text] if text in _ENGLISH else chinese_number(text)
    if count is None or (len(text) > 1 and all(each in DIGITS for each in text)):
        raise _unknown()
    return count


def _experience(signs: str, terms: list[_Term]) -> Experience:
    if signs == "TT" and [each.months for each in terms] == [12, 1]:
        both = sum((_years(each, 12) for each in terms), Decimal(0))
        return _checked(both, both)
    if signs in {"T-T", ">T-T", "T-T>", "T>T<"}:
        low, high = (_years(each, terms[1].months or terms[0].months or 12) for each in terms)
        return _checked(low, high)
    if signs not in _BOUNDS:
        raise _unknown()
    above, below = _BOUNDS[signs]
    years = _years(terms[0], 12)
    return _checked(years if above else Decimal(0), years if below else None)


def _years(term: _Term, months: int) -> Decimal:
    return shortest(round(term.count * (term.months or months) / 12, 2))


def _checked(low: Decimal, high: Decimal | None) -> Experience:
    if low > MOST_YEARS or (high is not None and not low <= high <= MOST_YEARS):
        raise _unknown()
    return Experience(shortest(low), None if high is None else shortest(high))


@cache
def _lexicon() -> Lexicon[str]:
    words = vocabulary_file("experience")
    known: dict[str, str] = {}
    for kind in ("filler", *_SIGNS):
        known |= dict.fromkeys(words_in(words[kind]), kind)
    return Lexicon(known)


@cache
def _whole(kind: str) -> frozenset[str]:
    return frozenset(words_in(vocabulary_file("experience")[kind]))


def _unknown() -> NotUnderstood:
    return NotUnderstood(
        "is not a number of years; write for example 3, 3-5年, 5年以上 or 不限",
        "不是可识别的工作年限，请填写如 3、3-5年、5年以上 或 不限",
    )
