"""Codes that confirm an address: six digits, derived under the county's key, valid ten minutes.

A code depends on the recipient (a worker or an employer), the channel, the address and the time of
issue. So it is stored nowhere: the sender and the checker derive it, and no other address or
recipient has the same one other than by chance.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from roost.events.profile import Channel
from roost.security.county_key import derived

VALID_FOR = timedelta(minutes=10)
DIGITS = 6
_PURPOSE = "address-code"


def address_code(key: bytes, recipient_id: str, channel: Channel, issued_at: datetime) -> str:
    """Return the code of one issue, for one address of one recipient."""
    return digits_of(_digest(key, recipient_id, channel, issued_at))


def digits_of(digest: bytes) -> str:
    """Return the code that a digest stands for."""
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}d}"


def is_address_code(
    key: bytes, recipient_id: str, channel: Channel, issued_at: datetime, typed: str
) -> bool:
    """Return whether a typed code is the one of an issue, in constant time; spaces do not count."""
    expected = address_code(key, recipient_id, channel, issued_at)
    return hmac.compare_digest(expected.encode(), "".join(typed.split()).encode())


def address_mark(key: bytes, recipient_id: str, channel: Channel) -> str:
    """Return a keyed hash of a recipient's address, in hexadecimal digits; it reveals neither."""
    parts = (recipient_id, channel.kind.value, channel.address)
    return derived(key, f"{_PURPOSE}-mark", *parts).hex()


def _digest(key: bytes, recipient_id: str, channel: Channel, issued_at: datetime) -> bytes:
    moment = issued_at.astimezone(UTC).isoformat(timespec="seconds")
    return derived(key, _PURPOSE, recipient_id, channel.kind.value, channel.address, moment)
