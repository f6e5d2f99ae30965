"""Codes and links by which a worker signs in with a telephone: derived or sealed, never stored.

A code belongs to a telephone number and a time of issue, since several workers may share a
telephone. The link of the same message holds both, sealed under the county's key, so neither an
address nor a log shows the number.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime

from roost.contact.address_codes import VALID_FOR, digits_of
from roost.contact.confirmed_channels import reachable_channels
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

LINK_PATH = "/console/sign-in/telephone/link"
_CODE, _MARK, _LINK = "sign-in-code", "sign-in-telephone", "sign-in-link"


def sign_in_telephone(channels: Iterable[Channel]) -> str | None:
    """Return the number that a worker can sign in with: the first confirmed one that takes SMS."""
    numbers = (each for each in reachable_channels(channels) if each.kind is ChannelKind.SMS)
    first = next(numbers, None)
    return first.address if first is not None else None


def sign_in_code(key: bytes, number: str, issued_at: datetime) -> str:
    """Return the code of one issue for a telephone number."""
    return digits_of(derived(key, _CODE, number, _moment(issued_at)))


def is_sign_in_code(key: bytes, number: str, issued_at: datetime, typed: str) -> bool:
    """Return whether a typed code is the one of an issue, in constant time; spaces do not count."""
    expected = sign_in_code(key, number, issued_at)
    return hmac.compare_digest(expected.encode(), "".join(typed.split()).encode())


def telephone_mark(key: bytes, number: str) -> str:
    """Return a keyed hash of a telephone number, in hexadecimal digits."""
    return derived(key, _MARK, number).hex()


def sign_in_link(public_url: str, key: bytes, number: str, issued_at: datetime) -> str:
    """Return the link that the message of an issue carries with its code."""
    sealed = seal(derived(key, _LINK), f"{number} {int(issued_at.timestamp())}".encode())
    return f"{public_url.rstrip('/')}{LINK_PATH}/{sealed.rstrip('=')}"


def opened_link(key: bytes, token: str, now: datetime) -> tuple[str, str] | None:
    """Return number and code of a link's token; None for a foreign, cut or expired one."""
    plain = unseal(derived(key, _LINK), token + "=" * (-len(token) % 4))
    if plain is None:
        return None
    number, seconds = plain.decode().split(" ")
    issued_at = datetime.fromtimestamp(int(seconds), UTC)
    return (number, sign_in_code(key, number, issued_at)) if now < issued_at + VALID_FOR else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
