"""In which language somebody is answered: pure, but for the cookie that a page sets.

What somebody chose stands in a cookie; until then the browser's own languages decide.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
COOKIE = "roost_language"
TAGS = {"zh": "zh-CN", "en": "en"}
"""As the attribute `lang` says them."""


def chosen(cookies: Mapping[str, str], accept: str) -> str:
    """`zh` or `en`: the cookie's, else the first of the browser's that we have, else Chinese."""
    if (cookie := cookies.get(COOKIE)) in LANGUAGES:
        return str(cookie)
    for part in accept.lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in LANGUAGES:
            return tag
    return "zh"


def other(language: str) -> str:
    return "en" if language == "zh" else "zh"
