"""Text of others made safe to show in the service's name: it can be read, and does nothing.

A telephone makes a link of anything that looks like one. A link in an employer's title would be
followed as the county's own, so addresses are taken out and bare domains broken by a space.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
BLANK = "—"
"""In place of a text of which nothing can be shown."""
LINK_REMOVED = {True: "（链接已略）", False: "(link removed)"}

JOINERS = "\u180e\u200c\u200d"
"""Format characters that Mongolian, Persian and emoji are written with; all others are dropped."""
LONGEST_READ = 4_000
_LINK = re.compile(
    r"[a-z0-9+.-]{0,20}[:：][/／]{2}[!-~]*"
    r"|(?<![a-z0-9])www[.．][!-~]*"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?:[:/][!-~]*)?",
    re.IGNORECASE,
)
_DOMAIN_DOT = re.compile(r"(?<=\w)[.．](?=[^\W\d_]{2})")
_MANY_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def line(text: object, most: int, *, chinese: bool) -> str:
    """One line of at most `most` characters, without control characters and live links."""
    read = " ".join(_visible(str(text)[:LONGEST_READ], kept="").split())
    read = _LINK.sub(LINK_REMOVED[chinese], read)
    return cut(_DOMAIN_DOT.sub(r"\g<0> ", read), most) or BLANK


def own_line(text: object, most: int) -> str:
    """One line of the service's own words: its links are meant, and stay."""
    return cut(" ".join(_visible(str(text)[:LONGEST_READ], kept="").split()), most) or BLANK


def own_text(text: object) -> str:
    """The service's own words of several lines: links and line breaks stay."""
    broken = str(text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (each.rstrip() for each in _visible(broken, kept="\n").split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(lines).strip()) or BLANK


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def _visible(text: str, kept: str) -> str:
    """Line separators and tabs as spaces; controls, formats and lone surrogates dropped."""
    if text.isprintable():  # nearly always: then none of these is in it
        return text
    return "".join(_shown(each, kept) for each in text)


def _shown(character: str, kept: str) -> str:
    if character in kept or character in JOINERS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
