"""A reply that asks to be left alone."""

from __future__ import annotations

WORDS = frozenset({"退订", "td", "t", "stop"})


def is_stop(text: str) -> bool:
    return text.strip().casefold() in WORDS
