"""Links that stop all messages to a worker: good for ever, without a password, and not guessable.

A token is the worker's id and a signature of it, made from the county's key; it is stored nowhere.
"""

from __future__ import annotations

import base64
import hmac
import re

from roost.errors import Invalid
from roost.security.county_key import derived

PATH = "/v1/stop"
PURPOSE = "stop-link"
SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"([a-z2-7]{26})\.([A-Za-z0-9_-]{22})")


class WrongLink(Invalid):
    """A link that we have not made, or that was cut off on its way."""

    status = 404
    slug = "wrong-link"
    title = "The link is not whole"
    title_zh = "链接不完整"


def stop_token(key: bytes, worker_id: str) -> str:
    return f"{worker_id[2:]}.{_signature(key, worker_id)}"


def worker_of(key: bytes, token: str) -> str:
    """The id of the worker whom the link stops. Raises Invalid."""
    parts = _TOKEN.fullmatch(token)
    worker_id = f"w-{parts[1]}" if parts else ""
    # The text is compared, not its bytes: no token has a twin that means the same.
    if parts is None or not hmac.compare_digest(parts[2], _signature(key, worker_id)):
        raise WrongLink(
            "token: this is not a link of ours; open the whole link of the message, or ask your "
            "station to stop the messages.",
            "token：链接无效，请打开消息中的完整链接，或请服务站代为退订。",
        )
    return worker_id


def stop_url(public_url: str, key: bytes, worker_id: str) -> str:
    return f"{public_url.rstrip('/')}{PATH}/{stop_token(key, worker_id)}"


def _signature(key: bytes, worker_id: str) -> str:
    signed = derived(key, PURPOSE, worker_id)[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signed).decode("ascii").rstrip("=")
