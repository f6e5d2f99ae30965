"""Addresses of channels in one spelling, and the keys by which their owners are found."""

from __future__ import annotations

import re
import unicodedata

from roost import ids
from roost.events.preferences import ChannelKind

_BETWEEN = re.compile(r"[^\d+]")
_CHINA = re.compile(r"^(?:\+86|86(?=1\d{10}$))")


def normal(channel: ChannelKind, address: str) -> str:
    """The spelling that all spellings of one address share."""
    plain = unicodedata.normalize("NFKC", address).strip()
    match channel:
        case ChannelKind.SMS:
            return _telephone(plain)
        case ChannelKind.EMAIL:
            return plain.casefold()
        case _:
            return plain


def _telephone(number: str) -> str:
    """Without spaces and marks; of a Chinese number without the country's code as well."""
    digits = _BETWEEN.sub("", number)
    return _CHINA.sub("", re.sub(r"^00", "+", digits), count=1)


def address_key(channel: ChannelKind, address: str) -> str:
    """What is searched by in place of the address, so that none is indexed in clear."""
    return ids.derive("c", channel.value, normal(channel, address))
