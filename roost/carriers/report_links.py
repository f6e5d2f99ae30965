"""Secret addresses to which providers post delivery reports and replies.

Providers sign nothing and send no header of ours, so the address itself carries the secret: a token
derived from the county's key. It cannot be guessed and is not stored.
"""

from __future__ import annotations

import hmac

from roost.errors import NotFound
from roost.security.county_key import derived

PATH = "/v1/provider-reports"
PURPOSE = "provider-reports"
POSTS = ("aliyun-reports", "aliyun-replies", "aliyun-calls", "tencent-reports", "tencent-replies")
"""Last steps of the addresses, one for each kind of post."""


def report_token(key: bytes) -> str:
    """Return the token of the county's addresses."""
    return derived(key, PURPOSE).hex()[:40]


def check_report_token(key: bytes, token: str) -> None:
    """Raise NotFound for another token than the county's."""
    if not hmac.compare_digest(token.encode(), report_token(key).encode()):
        raise NotFound("There is nothing at this address.", "该地址不存在。")


def report_url(public_url: str, key: bytes) -> str:
    """Return the beginning of the county's addresses."""
    return f"{public_url.rstrip('/')}{PATH}/{report_token(key)}"
