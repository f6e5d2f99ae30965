"""Reading of cells by the kind of their rule: from clean texts to the value of a field. Pure.

Each function takes the texts of a rule's columns and returns a value, or None if they state none.
A text that cannot be read without guessing raises NotUnderstood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

from producers.mappings.mapping_model import Rule, RuleKind
from producers.values import (
    DayOrder,
    NotUnderstood,
    is_destroyed_number,
    parse_currency,
    parse_day,
    parse_education,
    parse_experience,
    parse_lodging,
    parse_meals,
    parse_pay_period,
    parse_person_number,
    parse_shifts,
    parse_yes_no,
    split_list,
)
from producers.values.cell_text import folded_value
from producers.values.numerals import NUMERAL, chinese_number
from producers.values.person_numbers import lost_digits
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in
from roost.places.open_places import ANYWHERE
from roost.places.place_folding import fold_place
from roost.places.place_search import AmbiguousPlace, borough_of
from roost.text.normalising import nfkc

_NUMBER = re.compile(r"[-+]?\d{1,12}(?:\.\d{1,15})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[,'’ \u00a0]\d{3})+(?:\.\d+)?")
_SIGN_BEFORE = re.compile(r"(?:CNY|RMB|USD|¥|\$|€)\s*", re.IGNORECASE)
_SIGN_AFTER = re.compile(r"(?:元|人|名|个|件|年|岁|CNY|RMB|USD)\Z", re.IGNORECASE)
LONGEST_REST = 1_000
"""Characters behind an HTML tag that never closes, of which the rest is still parsed."""


def read_text(text: str, rule: Rule) -> str | None:
    return text or None


def read_html(text: str, rule: Rule) -> str | None:
    """Return the text of a page's part, with a line for each block."""
    if "<" not in text and "&" not in text:
        return text or None
    reader = _HtmlText()
    reader.feed(text)
    reader.end()
    return reader.text() or None


def read_slug(text: str, rule: Rule) -> str | None:
    return re.sub(r"\W+", "-", text.lower()).strip("-")[:64] or None


def read_number(text: str, rule: Rule) -> float | int | None:
    """Return a number with or without separators, a currency's sign and a counting word."""
    if not text:
        return None
    plain = _without_signs(_without_signs(nfkc(text).strip()))
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[,'’ \u00a0]", "", plain)
    if not _NUMBER.fullmatch(plain):
        raise NotUnderstood(
            "is not a number; write digits such as 4500", "不是数字，请填写如 4500 的数字"
        )
    number = Decimal(plain)
    return int(number) if number == int(number) else float(number)


def _without_signs(text: str) -> str:
    """Return a text without a sign before it, and without one after it."""
    if before := _SIGN_BEFORE.match(text):
        text = text[before.end() :]
    if after := _SIGN_AFTER.search(text):
        text = text[: after.start()]
    return text.strip()


def read_integer(text: str, rule: Rule) -> int | None:
    """Return a whole number, the lower one of a range such as 3-5; 若干 and the like state none."""
    plain = _REMARK.sub("", folded_value(text).rstrip("。."))
    if plain in _SOME:
        return None
    if found := _RANGE.fullmatch(plain) or _COUNT.fullmatch(plain):
        numeral = chinese_number(found[1])
        text = found[1] if numeral is None else str(numeral)
    number = read_number(text, rule)
    if isinstance(number, float):
        raise NotUnderstood("is not a whole number", "应为整数")
    return number


_PEOPLE = r"(?:人|名|位|个|people|persons|positions?|openings?|vacanc(?:y|ies)|workers|staff)"
_RANGE = re.compile(rf"(\d{{1,6}})\s*{_PEOPLE}?\s*[-~–—至到]\s*\d{{1,6}}\s*{_PEOPLE}?")
_COUNT = re.compile(
    rf"(?:约|大约|大概|招|招聘|需|急招|共|共计|总计|合计|拟招|拟招聘|计划招|计划招聘|至少|不少于|>=?|≥)?"
    rf"\s?(\d{{1,6}}|[{NUMERAL}]{{1,5}})\s?(?:余|多)?\s?{_PEOPLE}?"
    r"(?:左右|上下|以上|及以上|以内|\+)?"
)
_REMARK = re.compile(r"\([^()\d]{1,20}\)$")
_SOME = frozenset(
    (
        *("若干", "若干名", "若干人", "不限", "多名", "多人", "数名", "数人", "大量"),
        *("人数不限", "不限人数", "名额不限", "不限名额", "一批", "大量招聘", "大量招工"),
        *("长期招聘", "长期招工", "常年招聘", "常年招工", "待定", "不定", "面议", "暂无", "无"),
        *("-", "--", "—", "——", "/", "n/a", "na", "tbd"),
        *("several", "various", "multiple", "many"),
    )
)


def read_day(text: str, rule: Rule) -> str | None:
    day = parse_day(text, rule.order)
    return None if day is None else day.isoformat()


def read_list(text: str, rule: Rule) -> list[str] | None:
    """Return the entries of a list, split at the rule's own mark or at all common ones."""
    if rule.split is not None and rule.split != ";":
        entries = [each.strip() for each in text.split(rule.split)]
        return list(dict.fromkeys(filter(None, entries))) or None
    return list(_entries(text)) or None


@remembered
def _entries(text: str) -> tuple[str, ...]:
    return tuple(split_list(text))


def read_yes(text: str, rule: Rule) -> bool | None:
    return parse_yes_no(text)


def read_borough(text: str, rule: Rule) -> str | None:
    try:
        return borough_of(text) if text else None
    except AmbiguousPlace as error:
        raise NotUnderstood(error.message, error.message_zh) from None


def read_pay_period(text: str, rule: Rule) -> str | None:
    unit = parse_pay_period(text)
    return None if unit is None else unit.value


def read_currency(text: str, rule: Rule) -> str | None:
    return parse_currency(text)


def read_person_number(text: str, rule: Rule) -> str | None:
    return parse_person_number(text) or None


def read_reference(text: str, rule: Rule) -> str | None:
    """Return an opening's own reference. Raises NotUnderstood if it has lost digits."""
    if is_destroyed_number(text):
        raise lost_digits()
    return text or None


def read_education(text: str, rule: Rule) -> str | None:
    level = parse_education(text)
    return None if level is None else level.value


def read_experience(text: str, rule: Rule) -> float | None:
    """Return the years of experience: of a range, the fewest."""
    found = parse_experience(text)
    return None if found is None else float(found.minimum)


_MONTHS_OR_YEARS = re.compile(r"[年月]|month|year|yr", re.IGNORECASE)


def read_months(text: str, rule: Rule) -> float | None:
    """Return the years of a number of months of experience, or of a text that names its unit."""
    if _MONTHS_OR_YEARS.search(text):
        return read_experience(text, rule)
    months = read_number(text, rule)
    return None if months is None else round(months / 12, 2)


def read_shifts(text: str, rule: Rule) -> list[str] | None:
    return [each.value for each in parse_shifts(text)] or None


def read_lodging(text: str, rule: Rule) -> bool | None:
    return parse_lodging(text)


def read_meals(text: str, rule: Rule) -> bool | None:
    return parse_meals(text)


def read_place(text: str, rule: Rule) -> dict[str, str] | None:
    return None if names_no_place(text) else {"name": " ".join(text.split())}


def names_no_place(text: str) -> bool:
    """Return whether a cell for a place says that there is none: 无, 在家, 未外出."""
    return not text or (len(text) <= LONGEST_NO_PLACE and folded_value(text) in _NO_PLACE)


LONGEST_NO_PLACE = 8
_NO_PLACE = frozenset(
    (
        *(
            "无",
            "暂无",
            "没有",
            "未填",
            "未填写",
            "不详",
            "未知",
            "空",
            "-",
            "--",
            "—",
            "——",
            "/",
            "\\",
        ),
        *(
            "在家",
            "在家务农",
            "家中",
            "家里",
            "务农",
            "待业",
            "待业在家",
            "未外出",
            "未务工",
            "未就业",
        ),
        *("n/a", "na", "none", "null", "unknown", "at home"),
    )
)
"""Texts of a cell for a place that name none."""


@cache
def _employment_types() -> dict[str, str]:
    """Return the types of employment by their folded names."""
    return {
        word.replace("-", " "): name
        for name, words in vocabulary_file("employment").items()
        for word in words_in(words)
    }


def read_employment(text: str, rule: Rule) -> str | None:
    """Return a type of employment by its common names or its name on the wire."""
    plain = folded_value(text).replace("-", " ").replace("_", " ")
    if not plain:
        return None
    found = _employment_types().get(plain)
    if found is None:
        raise NotUnderstood(
            "is not a known type of employment; write 全职, 兼职, 实习, 临时 or 合同",
            "不是可识别的用工形式，请填写 全职、兼职、实习、临时 或 合同",
        )
    return found


def read_places(text: str, rule: Rule) -> list[str] | None:
    """Return the places of a list; 全国 and 不限 mean anywhere, as an empty cell does."""
    return [each for each in _entries(text) if not is_anywhere(each)] or None


def is_anywhere(text: str) -> bool:
    """Return whether a text of a list of places means any place."""
    return fold_place(text).replace(" ", "") in ANYWHERE


READERS: dict[RuleKind, Callable[[str, Rule], Any]] = {
    "text": read_text,
    "html": read_html,
    "lines": read_text,
    "slug": read_slug,
    "number": read_number,
    "integer": read_integer,
    "date": read_day,
    "day": read_day,
    "list": read_list,
    "yes": read_yes,
    "borough": read_borough,
    "pay-period": read_pay_period,
    "currency": read_currency,
    "person-number": read_person_number,
    "reference": read_reference,
    "education": read_education,
    "experience": read_experience,
    "months": read_months,
    "shift": read_shifts,
    "place": read_place,
    "places": read_places,
    "employment": read_employment,
    "lodging": read_lodging,
    "meals": read_meals,
}
"""Reader of each kind that reads one text; the others read several, or lists."""
CHANGED_LATER = frozenset({"list", "shift", "place", "places"})
"""Kinds whose values are changed later, so that each row needs its own."""
SELDOM_REPEATED = frozenset({"text", "html", "lines", "slug", "person-number", "reference"})
"""Kinds whose values seldom repeat or are cheap to read."""


def read_value(text: str, rule: Rule) -> Any:
    """Return the value that a text has under a rule. Raises NotUnderstood."""
    if rule.kind in SELDOM_REPEATED or rule.kind in CHANGED_LATER:
        return READERS[rule.kind](text, rule)
    return _remembered(text, rule.kind, rule.order)


@remembered
def _remembered(text: str, kind: RuleKind, order: DayOrder | None) -> Any:
    return READERS[kind](text, Rule.model_construct(kind=kind, order=order))


class _HtmlText(HTMLParser):
    """Reader of the visible text of HTML."""

    _BLOCKS = frozenset(("p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "tr"))
    _HIDDEN = frozenset(("script", "style", "template", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))
        if tag in self._BLOCKS:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(" ".join(data.split()) if data.strip() else " ")

    def end(self) -> None:
        """Read the rest behind a tag that never closes; a long one counts as text.

        The parser scans to the end of the text for every further tag: quadratic time.
        """
        if len(self.rawdata) <= LONGEST_REST:
            self.close()
        else:
            self.handle_data(unescape(self.rawdata))

    def text(self) -> str:
        """Return the text, without blank lines."""
        lines = ("".join(self._parts)).split("\n")
        return "\n".join(" ".join(line.split()) for line in lines if line.strip())
