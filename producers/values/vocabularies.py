"""Vocabularies of the parsers: YAML files of words in `roost/data/words/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def vocabulary_file(name: str) -> dict[str, Any]:
    """Return the content of a vocabulary, by its name."""
    path = files("roost") / "data" / "words" / f"{name}.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def words_in(text: str) -> list[str]:
    """Return the words of a vocabulary's line; `_` is a space within a phrase."""
    return [word.replace("_", " ") for word in text.split()]
