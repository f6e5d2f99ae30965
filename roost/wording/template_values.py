"""Values of a message by name, for providers whose approved templates have placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def template_values(context: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of a template as texts, by names such as `opening.title` and `code`.

    Lists are joined; values that are absent or empty are left out.
    """
    return {name: text for name, text in _named(context) if text}


def _named(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in context.items():
        if is_dataclass(value):
            for each in fields(value):
                yield f"{name}.{each.name}", _text(getattr(value, each.name))
        else:
            yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "、".join(each for each in value if isinstance(each, str))
    return "" if value is None or isinstance(value, bool | dict) else str(value).strip()
