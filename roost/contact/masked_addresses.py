"""Addresses shown in part: enough to recognise one's own, too little to write to it. Pure."""

from __future__ import annotations

from roost.events.preferences import ChannelKind

HIDDEN = "***"
SHOWN_DIGITS = 4


def masked_address(kind: ChannelKind, address: str) -> str:
    """Return the last digits of a number, or the first letter of a mailbox or account."""
    if kind in {ChannelKind.SMS, ChannelKind.VOICE}:
        return HIDDEN + address[-SHOWN_DIGITS:]
    local, at, domain = address.rpartition("@") if kind is ChannelKind.EMAIL else (address, "", "")
    return local[:1] + HIDDEN + at + domain
