"""Text of others for a terminal, which reads some characters as commands. Pure."""

from __future__ import annotations


def terminal_text(text: str) -> str:
    """Return a text with the characters escaped that control a terminal or hide others."""
    return "".join(
        each
        if each.isprintable() or each in "\n\t"
        else each.encode("unicode_escape").decode("ascii")
        for each in text
    )
