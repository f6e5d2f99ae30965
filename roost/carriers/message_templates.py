"""Approved templates of a provider: their ids, texts and placeholders by kind and language.

Providers in China send approved texts only. A county keeps them in a JSON file:

    {"new_match": {"zh": {"id": "SMS_154950909",
                          "text": "${title}招聘，地点${place}。退订回TD",
                          "values": {"title": "opening.title", "place": "opening.place"}}},
     "other": {"zh": {"id": "SMS_154950910", "text": "您有新的就业服务消息，请登录查看。退订回TD"}}}

Placeholders are `${name}` (Aliyun) or `{1}` (Tencent Cloud) or `{{name.DATA}}` (WeChat). `values`
names the value of each; without it, the placeholder is the value's name. A value that messages of
the kind never have is refused. `most` bounds the length of each value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from roost.errors import RoostError
from roost.events.common import Model
from roost.events.notification import CODES, NotificationKind
from roost.wording import inert, samples, templates

OTHER = "other"
"""Name of the templates for kinds that have none."""
LONGEST_VALUE = 35
"""Default maximum length of a value, in characters. Source: help.aliyun.com, "模板变量规范"."""
LONGEST_TEXT = 500
"""Maximum length of a text with its sign name. Source: both providers' SendSms documents."""
MOST_BYTES = 256 * 1024
_PLACEHOLDER = re.compile(r"\{\{(\w{1,32})\.DATA\}\}|\$?\{(\w{1,32})\}")
_BRACKETS = str.maketrans("【】[]{}$", "（）（）（） ")
"""Signs that belong to sign names and placeholders."""


class ApprovedTemplate(Model):
    """One approved template."""

    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    values: dict[str, str] = Field(default_factory=dict, max_length=20)
    most: int = Field(LONGEST_VALUE, ge=1, le=LONGEST_TEXT)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names of the placeholders, in the order of the text, each once."""
        found = (one or other for one, other in _PLACEHOLDER.findall(self.text))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A template with the values of one message."""

    id: str
    values: Mapping[str, str]
    """Value of each placeholder, in the order of the text."""
    text: str
    """The text as the provider will write it, without the sign name."""


_FILE = TypeAdapter(dict[str, dict[str, ApprovedTemplate]])


class TemplateBook:
    """The approved templates of one channel."""

    def __init__(self, known: Mapping[str, Mapping[str, ApprovedTemplate]]) -> None:
        self._known = known

    def fill(
        self, kind: str, values: Mapping[str, str], *, chinese: bool = True
    ) -> FilledTemplate | None:
        """Return the template of a kind with a message's values; None if there is no template.

        A language without a template gets the other one. A code needs its own template: the text
        for other kinds would come without the code.
        """
        other = {} if kind in CODES else self._known.get(OTHER, {})
        by_language = self._known.get(kind) or other
        order = ("zh", "en") if chinese else ("en", "zh")
        found = next((by_language[each] for each in order if each in by_language), None)
        return None if found is None else _filled(found, values)


def _filled(template: ApprovedTemplate, values: Mapping[str, str]) -> FilledTemplate:
    named = {
        name: template_value(values.get(template.values.get(name, name), ""), template.most)
        for name in template.placeholders
    }
    text = _PLACEHOLDER.sub(lambda found: named[found[1] or found[2]], template.text)
    return FilledTemplate(template.id, named, text)


def template_value(value: str, most: int) -> str:
    """Return a value that providers accept: one short line without links and brackets."""
    return inert.line(value.translate(_BRACKETS), most, chinese=True)


def read_templates(path: Path) -> TemplateBook:
    """Return the templates in a file. Raises RoostError, which names the file and the fault."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _bad(path, f"it cannot be read ({error.strerror})", "无法读取") from None
    if len(content) > MOST_BYTES:
        raise _bad(path, f"it is larger than {MOST_BYTES} bytes", "文件过大")
    try:
        known = _FILE.validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise _bad(path, f"{where}: {fault['msg']}", f"{where} 有误") from None
    if unknown := sorted(set(known) - {*templates.NAMES, OTHER}):
        named = ", ".join(unknown)
        raise _bad(path, f"{named}: no such kind of message", f"{named}：没有这种消息")
    for kind, by_language in known.items():
        if not by_language or set(by_language) - set(templates.LANGUAGES):
            raise _bad(path, f"{kind}: give zh, en or both", f"{kind}：请填写 zh、en 或两者")
        for language, template in by_language.items():
            _check_values(path, kind, language, template)
    return TemplateBook(known)


def _check_values(path: Path, kind: str, language: str, template: ApprovedTemplate) -> None:
    """Raise RoostError for a value that messages of a kind never have: it would always be blank."""
    having = values_of(kind, language)
    for name in template.placeholders:
        value = template.values.get(name, name)
        if value not in having:
            offered = ", ".join(sorted(having))
            raise _bad(
                path,
                f"{kind}.{language}: {{{name}}} has no value {value}; there are {offered}",
                f"{kind}.{language}：占位符 {name} 没有对应的值 {value}，可用的值有 {offered}",
            )


@cache
def values_of(kind: str, language: str) -> frozenset[str]:
    """Return the names of the values of a kind of message; for `other` those of every kind."""
    if kind == OTHER:
        every = [values_of(each.value, language) for each in NotificationKind]
        return frozenset.intersection(*every)
    if kind == templates.DIGEST:
        return frozenset(samples.preview_digest(language).values)
    return frozenset(samples.preview(NotificationKind(kind), language).values)


def _bad(path: Path, why: str, why_zh: str) -> RoostError:
    return RoostError(
        f"The templates in {path.name} cannot be used: {why}.",
        f"模板文件 {path.name} 无法使用：{why_zh}。",
    )
