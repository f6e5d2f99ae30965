"""Protection of cookie-authenticated writes against cross-site request forgery. Pure.

Two conditions must hold: the browser names our own site as the origin (Sec-Fetch-Site, or else
Origin), and the request carries the session's token.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from urllib.parse import urlsplit

from api.access.refusals import Forged

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "csrf"
MASKED = "m."


def check_origin(headers: Mapping[str, str], public_url: str) -> None:
    """Raise Forged if a browser names another site. Programs send neither header and pass."""
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
            "The browser reports that this request comes from another site; open the page here.",
            "浏览器表明请求来自其他网站，请在本站页面操作。",
        )


def masked(token: str) -> str:
    """Return the token masked with fresh random bytes.

    It differs in every page, so that the length of a compressed page reveals nothing (BREACH).
    """
    plain = token.encode("ascii")
    mask = secrets.token_bytes(len(plain))
    return MASKED + urlsafe_b64encode(mask + _xor(mask, plain)).decode("ascii")


def unmasked(sent: str) -> str:
    """Return the token of a masked text; return any other text unchanged."""
    if not sent.startswith(MASKED):
        return sent
    try:
        raw = urlsafe_b64decode(sent.removeprefix(MASKED).encode("ascii", "replace"))
    except ValueError:
        return ""
    half = len(raw) // 2
    return _xor(raw[:half], raw[half:]).decode("ascii", "replace")


def check_token(sent: str | None, expected: str) -> None:
    """Raise Forged unless the request carries the session's token."""
    if not hmac.compare_digest(unmasked(sent or "").encode(), expected.encode()):
        raise Forged(
            f"{HEADER}: send the `csrf` of /v1/me with every write, or use a key.",
            f"{HEADER}：请在写请求中附带 /v1/me 返回的 csrf，或使用密钥。",
        )


def _xor(mask: bytes, text: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, text, strict=False))
