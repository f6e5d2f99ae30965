"""Links that stop all messages to a worker or an employer.

They are valid for ever, need no password and cannot be guessed. A token consists of the recipient's
id and its signature under the county's key, and is not stored. The id of a worker is written
without its kind, as in the tokens of earlier releases.
"""

from __future__ import annotations

import base64
import hmac
import re

from roost.errors import Invalid, at_field
from roost.security.county_key import derived

PATH = "/v1/stop"
PURPOSE = "stop-link"
SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"(e-)?([a-z2-7]{26})\.([A-Za-z0-9_-]{22})")


class WrongLink(Invalid):
    """The link is not one of ours, or was truncated."""

    status = 404
    slug = "wrong-link"
    title = "The link is incomplete"
    title_zh = "链接不完整"


def stop_token(key: bytes, recipient_id: str) -> str:
    """Return the token of a recipient's stop link."""
    return f"{recipient_id.removeprefix('w-')}.{_signature(key, recipient_id)}"


def recipient_of(key: bytes, token: str) -> str:
    """Return the id of the recipient whose messages the token stops. Raises WrongLink."""
    parts = _TOKEN.fullmatch(token)
    recipient_id = f"{parts[1] or 'w-'}{parts[2]}" if parts else ""
    # Compare the text, not the decoded bytes: base64 has several spellings of the same bytes.
    if parts is None or not hmac.compare_digest(parts[3], _signature(key, recipient_id)):
        raise at_field(
            WrongLink,
            "token",
            "the link is not valid; open the complete link of the message, or ask your "
            "station to stop the messages.",
            "链接无效，请打开消息中的完整链接，或请服务站代为退订。",
        )
    return recipient_id


def unknown_recipient() -> WrongLink:
    """Return the error for a link whose recipient is unknown: erased, or migrated (ADR 33)."""
    return at_field(
        WrongLink,
        "token",
        "the link names nobody who receives messages; if you still do, answer one with "
        "the stop word, or ask your station to stop them.",
        "该链接已无对应的消息接收人；如仍收到消息，请回复退订，或请服务站代为退订。",
    )


def stop_url(public_url: str, key: bytes, recipient_id: str) -> str:
    """Return the stop link of a recipient."""
    return f"{public_url.rstrip('/')}{PATH}/{stop_token(key, recipient_id)}"


def _signature(key: bytes, recipient_id: str) -> str:
    signed = derived(key, PURPOSE, recipient_id)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signed).decode("ascii").rstrip("=")
