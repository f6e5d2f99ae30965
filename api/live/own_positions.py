"""Positions of live streams as one caller receives them: no other caller resumes from them."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property

from roost.security.county_key import derived

MARK_BYTES = 16


@dataclass(frozen=True)
class OwnPositions:
    """Conversion of a stream's positions to the ids of a caller's events, and back again.

    The hub seals each position once for all subscribers; here it gets the mark of its caller.
    """

    key: bytes
    """County key."""
    who_id: str

    def marked(self, position: str) -> str:
        """Return the event id of a position."""
        return f"{position}.{self._mark(position)}"

    def opened(self, event_id: str | None) -> str | None:
        """Return the position of an event id; None for one that was not issued to the caller."""
        position, _, mark = (event_id or "").rpartition(".")
        own = event_id is not None and event_id.isascii() and self._is_mark(mark, position)
        return position if own else None

    def _is_mark(self, mark: str, position: str) -> bool:
        return hmac.compare_digest(mark, self._mark(position))

    def _mark(self, position: str) -> str:
        text = f"{self.who_id}\n{position}".encode()
        return urlsafe_b64encode(hmac.digest(self._subkey, text, "sha256")[:MARK_BYTES]).decode()

    @cached_property
    def _subkey(self) -> bytes:
        return derived(self.key, "token", "live-caller")
