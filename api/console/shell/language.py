"""Language of the console: chosen by a cookie, else by the browser's own languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roost.wording.preferred_language import LANGUAGES, preferred_language

COOKIE = "roost_language"
TAGS = {"zh": "zh-CN", "en": "en"}
"""Values of the HTML attribute `lang`."""


def chosen(cookies: Mapping[str, str], accept: str) -> str:
    """Return the cookie's language, else the one that the browser prefers, else `zh`."""
    if (cookie := cookies.get(COOKIE)) in LANGUAGES:
        return str(cookie)
    return preferred_language(accept, default="zh")


def other(language: str) -> str:
    """Return the language to switch to."""
    return "en" if language == "zh" else "zh"
