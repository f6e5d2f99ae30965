"""Language of the console: chosen by a cookie, else by the browser's own languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
COOKIE = "roost_language"
TAGS = {"zh": "zh-CN", "en": "en"}
"""Values of the HTML attribute `lang`."""


def chosen(cookies: Mapping[str, str], accept: str) -> str:
    """Return the cookie's language, else the first supported one of the browser, else `zh`."""
    if (cookie := cookies.get(COOKIE)) in LANGUAGES:
        return str(cookie)
    for part in accept.lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in LANGUAGES:
            return tag
    return "zh"


def other(language: str) -> str:
    """Return the language to switch to."""
    return "en" if language == "zh" else "zh"
