"""Whether a write that comes by a cookie comes from a page of ours: pure.

Two things have to hold: the browser says that it does (Sec-Fetch-Site, or else Origin), and the
session's token comes along.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from api.identity.problems import Forged

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "csrf"


def check_origin(headers: Mapping[str, str], public_url: str) -> None:
    """Raises Forged for what a browser says comes from elsewhere. Programs say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        origin = headers.get("origin")
        ours = origin is None or urlsplit(origin).netloc in {
            urlsplit(public_url).netloc,
            headers.get("host", ""),
        }
    if not ours:
        raise Forged(
            "The browser says that this comes from another site; open the page here.",
            "浏览器表明请求来自其他网站，请在本站页面操作。",
        )


def check_token(sent: str | None, expected: str) -> None:
    if not hmac.compare_digest((sent or "").encode(), expected.encode()):
        raise Forged(
            f"{HEADER}: send the `csrf` of /v1/me with every write, or use a key.",
            f"{HEADER}：请在写请求中附带 /v1/me 返回的 csrf，或使用密钥。",
        )
