"""Refusals in the words of people: a field is named as on the pages, never as on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.console.shell.translations import catalogue
from roost.errors import RoostError

_NUMBER = re.compile(r"\.\d+(?=\.|$)")


def field_name(path: str, language: str) -> str:
    """Return the name of a field of a request; empty if people do not know it by a name.

    The name of `home.name` is that of `home.name`, or else of `home`; positions do not count.
    """
    texts = catalogue(language)
    plain = _NUMBER.sub("", path)
    while plain:
        if isinstance(text := texts.get(f"fields.{plain.replace('.', '_')}"), str):
            return text
        plain = plain.rpartition(".")[0]
    return ""


def refusal_text(error: RoostError, language: str) -> str:
    """Return an error as a text: each field by its name, or the whole message without fields."""
    chinese = language == "zh"
    if not error.fields:
        return error.message_zh if chinese else error.message
    each = ((one.field, one.message_zh if chinese else one.message) for one in error.fields)
    return _sentences(each, language)


def problem_text(problem: Mapping[str, Any], language: str) -> str:
    """Return the detail of a problem document for a page, with its fields by their names."""
    errors = problem.get("errors")
    if not errors:
        return str(problem.get("detail", ""))
    return _sentences(((each["field"], each["message"]) for each in errors), language)


def _sentences(faults: Iterable[tuple[str, str]], language: str) -> str:
    chinese = language == "zh"
    found = dict.fromkeys(_sentence(*each, language=language) for each in faults)
    return ("；" if chinese else "; ").join(found)


def _sentence(field: str, message: str, *, language: str) -> str:
    name = field_name(field, language)
    if name:
        return f"{name}：{message}" if language == "zh" else f"{name}: {message}"
    return message[:1].upper() + message[1:]
