"""Foreign text made safe to show in the service's name: readable, without any effect.

A telephone turns anything that looks like a link into one. People would trust a link in an
employer's title as the county's own. So addresses are removed, and a space breaks bare domains.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
BLANK = "—"
"""Replacement for a text without visible characters."""
LINK_REMOVED = {True: "（链接已略）", False: "(link removed)"}

JOINERS = "\u180e\u200c\u200d"
"""Format characters that Mongolian, Persian and emoji need; all others are removed."""
LONGEST_READ = 4_000
"""Maximum number of characters that are examined."""
_LINK = re.compile(
    r"[a-z0-9+.-]{0,20}[:：][/／]{2}[!-~]*"
    r"|(?<![a-z0-9])www[.．][!-~]*"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?:[:/][!-~]*)?",
    re.IGNORECASE,
)
_DOMAIN_DOT = re.compile(r"(?<=\w)[.．](?=[^\W\d_]{2})(?!js(?![a-z0-9.．_-]))", re.IGNORECASE)
"""Point that can make a link. No top-level domain is called js, so Node.js is none."""
_MANY_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def line(text: object, most: int, *, chinese: bool) -> str:
    """Return one line of at most `most` characters, without control characters and live links."""
    read = " ".join(_visible(str(text)[:LONGEST_READ], kept="").split())
    read = _LINK.sub(LINK_REMOVED[chinese], read)
    return cut(_DOMAIN_DOT.sub(r"\g<0> ", read), most) or BLANK


def own_line(text: object, most: int) -> str:
    """Return one line of the service's own text, of which the links stay."""
    return cut(" ".join(_visible(str(text)[:LONGEST_READ], kept="").split()), most) or BLANK


def own_text(text: object) -> str:
    """Return the service's own text of several lines, of which links and line breaks stay."""
    broken = str(text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (each.rstrip() for each in _visible(broken, kept="\n").split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(lines).strip()) or BLANK


def cut(text: str, most: int) -> str:
    """Return the text cut to at most `most` characters, with an ellipsis if it was longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def _visible(text: str, kept: str) -> str:
    """Replace separators and tabs by spaces; remove controls, formats and lone surrogates."""
    if text.isprintable():  # the usual case: it contains none of these
        return text
    return "".join(_shown(each, kept) for each in text)


def _shown(character: str, kept: str) -> str:
    if character in kept or character in JOINERS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
