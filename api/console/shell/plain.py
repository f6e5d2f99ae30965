"""Validation errors of forms in plain words, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from roost.errors import FieldError, Invalid
from roost.events.common import Model
from roost.events.validation_words import chinese_words

M = TypeVar("M", bound=Model)
_EMPTY = ("Fill this in", "请填写此项")
_DATE = ("Enter a day, such as 2026-05-01", "请填写日期，例如 2026-05-01")
_TIME = ("Enter a time, such as 21:30", "请填写时间，例如 21:30")
_NUMBER = ("Enter a number, such as 3.5", "请填写数字，例如 3.5")
_WHOLE = ("Enter a whole number, such as 3", "请填写整数，例如 3")
WORDS: dict[str, tuple[str, str]] = {
    "missing": _EMPTY,
    "string_too_short": _EMPTY,
    "string_too_long": ("Enter at most {max_length} characters", "不能超过 {max_length} 个字符"),
    "string_pattern_mismatch": (
        "The format is not right; see the example",
        "格式不正确，请参照示例填写",
    ),
    "too_long": ("Enter at most {max_length}", "最多 {max_length} 项"),
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_parsing": _NUMBER,
    "greater_than_equal": ("Enter {ge} or more", "不能小于 {ge}"),
    "greater_than": ("Enter more than {gt}", "应大于 {gt}"),
    "less_than_equal": ("Enter {le} or less", "不能大于 {le}"),
    "less_than": ("Enter less than {lt}", "应小于 {lt}"),
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_parsing": _DATE,
    "datetime_from_date_parsing": _DATE,
    "timezone_aware": _DATE,
    "time_parsing": _TIME,
    "enum": ("Choose one from the list", "请从列表中选择"),
    "literal_error": ("Choose one from the list", "请从列表中选择"),
    "url_parsing": (
        "Enter a complete address, such as https://hr.example.com/roost",
        "网址格式不正确",
    ),
    "url_scheme": ("Begin the address with https://", "网址应以 https:// 开头"),
    "wage_range": (
        "The lowest wage is above the highest; swap the two",
        "最低工资高于最高工资，请对调",
    ),
    "wage_empty": ("Give the lowest wage, the highest, or both", "请填写最低或最高工资"),
    "date_order": (
        "The last day is before the first; correct them",
        "截止日期早于发布日期，请更正",
    ),
    "one_line": ("Enter a single line, without line breaks", "请写成一行，不要换行"),
    "unclear_id": (
        "Use letters and digits, and no invisible characters",
        "须含有字母或数字，且不能含有不可见字符",
    ),
    "unprintable": ("Remove the invisible characters", "含有控制字符，请删除"),
    "address": ("This channel needs a number or an address", "请填写号码或地址"),
    "audience": ("Choose the recipients", "请选择发送对象"),
    "words": ("Enter a text in Chinese, in English, or in both", "请填写中文或英文内容"),
    "answer": (
        "An answer goes to the one worker who made the request",
        "答复只能发给提出诉求的一名人员",
    ),
    "holder": ("This role requires a value here", "该角色必须填写此项"),
}


def checked(model: type[M], wire: Mapping[str, Any]) -> M:
    """Return a form's values as a model. Raises Invalid with each field in plain words."""
    try:
        return model.model_validate(wire)
    except ValidationError as error:
        fields = tuple(findings(error))
    first = fields[0]
    raise Invalid(first.message, first.message_zh, fields=fields)


def findings(error: ValidationError) -> list[FieldError]:
    """Return each validation error with its path in the JSON body."""
    found = error.errors(include_url=False, include_input=False)
    return [_finding(each) for each in found]


def _finding(found: Any) -> FieldError:
    kind, context = found["type"], found.get("ctx", {})
    path = ".".join(str(step) for step in found["loc"]) or "(body)"
    if kind == "holder":
        path = str(context.get("field", path))
    if kind not in WORDS:
        return FieldError(path, found["msg"], chinese_words(kind, context))
    english, chinese = WORDS[kind]
    limits = {name: _number(value) for name, value in context.items()}
    return FieldError(path, english.format(**limits), chinese.format(**limits))


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
