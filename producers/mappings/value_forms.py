"""Forms of a column's values: telephone, identity number, wage, day, place, education … Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum

from producers.mappings.mapping_model import Rule
from producers.mappings.rule_kinds import READERS, read_value
from producers.mappings.wage_rules import read_wage
from producers.values import (
    NotUnderstood,
    identity_kind,
    parse_day,
    parse_education,
    parse_phones,
    parse_wage,
    parse_yes_no,
    split_list,
)
from roost.places.resolving import Candidates, Resolved, resolve

CERTAIN = 0.8
"""Share of values that must have a form."""
_NUMBER = re.compile(r"[\d.,\s]+")
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文"
)
_EMPLOYER = re.compile(
    r"(?:公司|集团|厂|合作社|车间|中心|医院|学校|酒店|超市|店|工厂|Inc\.?|Ltd\.?|LLC|Co\.?|AB|AS)$"
)


class ValueForm(Enum):
    """Form of values, with its name in both languages."""

    TELEPHONE = ("telephone numbers", "电话号码")
    IDENTITY = ("identity numbers", "身份证号")
    WAGE = ("wages", "工资")
    DAY = ("days", "日期")
    EDUCATION = ("levels of education", "学历")
    PLACE = ("places", "地点")
    YES_NO = ("yes or no", "是否")
    EMPLOYER = ("employers", "单位名称")
    NAME = ("names of people", "人名")
    LIST = ("lists", "多项内容")
    OTHER = ("other texts", "其他文本")

    @property
    def en(self) -> str:
        """The name in English."""
        return self.value[0]

    @property
    def zh(self) -> str:
        """The name in Chinese."""
        return self.value[1]


def form_of_values(values: Sequence[str]) -> ValueForm:
    """Return the form that most of a column's values have."""
    if not values:
        return ValueForm.OTHER
    for form, has_form in _FORMS.items():
        if sum(map(has_form, values)) >= CERTAIN * len(values):
            return form
    return ValueForm.OTHER


def reads_as(rule: Rule, field: str, values: Sequence[str]) -> float | None:
    """Return the share of values that a rule reads; None if it reads any text, or none is given."""
    if not values or rule.kind in ("text", "html", "lines", "list", "employer", "reference"):
        return None
    return sum(_is_read(rule, each) for each in values) / len(values)


def _is_read(rule: Rule, text: str) -> bool:
    try:
        if rule.kind == "phone":
            return bool(parse_phones(text))
        if rule.kind == "wage":
            read_wage(text, "", "", "", rule)
            return True
        if rule.kind in ("place", "places"):
            return all(map(_is_place, split_list(text) if rule.kind == "places" else [text]))
        if rule.kind in READERS:
            read_value(text, rule)
    except NotUnderstood:
        return False
    return True


def _understood(parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Return the function that tells whether a parser finds something in a text."""

    def is_understood(text: str) -> bool:
        try:
            return parse(text) not in (None, [], ())
        except NotUnderstood:
            return False

    return is_understood


def _is_place(text: str) -> bool:
    return isinstance(resolve(text), Resolved | Candidates)


def _is_identity(text: str) -> bool:
    return identity_kind(text) is not None


def _is_wage(text: str) -> bool:
    return not _NUMBER.fullmatch(text) and _understood(parse_wage)(text)


def _is_day(text: str) -> bool:
    return not _NUMBER.fullmatch(text) and _understood(parse_day)(text)


def _is_employer(text: str) -> bool:
    return bool(_EMPLOYER.search(text.strip()))


def _is_name(text: str) -> bool:
    return (
        2 <= len(text) <= 4
        and text[0] in _SURNAMES
        and all("\u4e00" <= c <= "\u9fff" for c in text)
    )


_FORMS: dict[ValueForm, Callable[[str], bool]] = {
    ValueForm.IDENTITY: _is_identity,
    ValueForm.TELEPHONE: _understood(parse_phones),
    ValueForm.EDUCATION: _understood(parse_education),
    ValueForm.YES_NO: _understood(parse_yes_no),
    ValueForm.DAY: _is_day,
    ValueForm.WAGE: _is_wage,
    ValueForm.EMPLOYER: _is_employer,
    ValueForm.NAME: _is_name,
    ValueForm.PLACE: _is_place,
    ValueForm.LIST: lambda text: len(split_list(text)) > 1,
}
"""Test of each form, the most telling one first."""
