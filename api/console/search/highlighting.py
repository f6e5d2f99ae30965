"""Part of a found text that equals the typed one. Pure."""

from __future__ import annotations


def split_at(text: str, typed: str) -> tuple[str, str, str]:
    """Return a text in three parts: before, at and after the typed one; all before if not in it."""
    start = text.casefold().find(typed.casefold()) if typed else -1
    end = start + len(typed)
    if start < 0 or text[start:end].casefold() != typed.casefold():
        return text, "", ""
    return text[:start], text[start:end], text[end:]
