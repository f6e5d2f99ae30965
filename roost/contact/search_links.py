"""Links that end the notifications of one saved search.

They are valid for ever, need no password and cannot be guessed. A token consists of the search's id
and its signature under the county's key, and is not stored.
"""

from __future__ import annotations

import base64
import hmac
import re

from roost.contact.stop_links import WrongLink
from roost.errors import at_field
from roost.security.county_key import derived

PATH = "/v1/search-end"
PURPOSE = "saved-search-link"
SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"([a-z2-7]{26})\.([A-Za-z0-9_-]{22})")


def search_token(key: bytes, search_id: str) -> str:
    """Return the token of the link of a saved search."""
    return f"{search_id.removeprefix('q-')}.{_signature(key, search_id)}"


def search_of(key: bytes, token: str) -> str:
    """Return the id of the saved search whose notifications the token ends. Raises WrongLink."""
    parts = _TOKEN.fullmatch(token)
    # The text is compared, not the bytes: base64 has several spellings of the same bytes.
    if parts is None or not hmac.compare_digest(parts[2], _signature(key, f"q-{parts[1]}")):
        raise at_field(
            WrongLink,
            "token",
            "the link is not valid; open the complete link of the message, or end the search in "
            "your pages.",
            "链接无效，请打开消息中的完整链接，或在“岗位订阅”页面停用。",
        )
    return f"q-{parts[1]}"


def search_url(public_url: str, key: bytes, search_id: str) -> str:
    """Return the link that ends the notifications of a saved search."""
    return f"{public_url.rstrip('/')}{PATH}/{search_token(key, search_id)}"


def _signature(key: bytes, search_id: str) -> str:
    signed = derived(key, PURPOSE, search_id)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signed).decode("ascii").rstrip("=")
