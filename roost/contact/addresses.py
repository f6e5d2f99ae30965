"""Normalised addresses of channels, and the keys by which their owners are found."""

from __future__ import annotations

import re
import unicodedata

from roost import ids
from roost.events.preferences import ChannelKind

_BETWEEN = re.compile(r"[^\d+]")
_CHINA = re.compile(r"^(?:\+86|86(?=1\d{10}$))")


def normal_address(channel: ChannelKind, address: str) -> str:
    """Return the normal form that all spellings of one address share."""
    plain = unicodedata.normalize("NFKC", address).strip()
    match channel:
        case ChannelKind.SMS:
            return _telephone(plain)
        case ChannelKind.EMAIL:
            return plain.casefold()
        case _:
            return plain


def _telephone(number: str) -> str:
    """Return a number without spaces and punctuation; a Chinese one without its country code."""
    digits = _BETWEEN.sub("", number)
    return _CHINA.sub("", re.sub(r"^00", "+", digits), count=1)


def address_key(channel: ChannelKind, address: str) -> str:
    """Return the search key of an address, so that no address is indexed in clear text."""
    return ids.derive("c", channel.value, normal_address(channel, address))
