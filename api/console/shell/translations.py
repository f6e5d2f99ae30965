"""Texts of the console in both languages: one file per feature and language, keys `<file>.<key>`.

A text with a number has the forms `one` and `other`; the parameter `n` selects one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from api.console.shell.language import LANGUAGES

Text = str | dict[str, str]
Say = Callable[..., str]
FORMS = frozenset({"one", "other"})


@cache
def catalogue(language: str) -> Mapping[str, Text]:
    """Return every text of a language by its key: `queue.title`, `queue.actions.claim`."""
    folder = files("api.console") / "translations" / language
    found: dict[str, Text] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            nested = yaml.safe_load(file.read_text(encoding="utf-8"))
            found.update(_flat(file.name.removesuffix(".yaml"), nested))
    return found


def _flat(prefix: str, nested: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    for key, value in nested.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict) and not set(value) <= FORMS:
            yield from _flat(name, value)
        else:
            yield name, value if isinstance(value, dict) else str(value)


@cache
def say_in(language: str) -> Say:
    """Return the function that templates call `t`. It raises KeyError for an unknown key."""
    texts = catalogue(language if language in LANGUAGES else "zh")

    def say(key: str, **values: Any) -> str:
        text = texts[key]
        if isinstance(text, dict):
            text = text["one"] if values.get("n") == 1 and "one" in text else text["other"]
        return text.format(**values) if values else text

    return say
