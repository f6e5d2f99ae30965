"""Sealed positions in the topics of live streams: the ids of their events.

A position names one offset for every partition. It is sealed under the county key, so that only a
position that this service has issued can be resumed from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from roost.kafka.ports import Partition
from roost.security.sealed_tokens import TokenRefused, open_token, seal_token
from roost.time.clock import Clock

Positions = Mapping[Partition, int]
LIFETIME = timedelta(days=30)
"""Time for which a position is recognised; long before its end it asks for a reload."""


@dataclass(frozen=True, slots=True)
class PositionSeal:
    """Conversion of positions to texts that clients hand back, and back again."""

    key: bytes
    """County key."""
    clock: Clock
    partitions: Sequence[Partition]

    def seal(self, positions: Positions) -> str:
        """Return the text that stands for some positions."""
        offsets = [positions.get(each, 0) for each in self.partitions]
        now = self.clock.now()
        return seal_token(
            self.key, "live", offsets, bound_to=self._bound_to, now=now, lifetime=LIFETIME
        )

    def opened(self, text: str) -> dict[Partition, int] | None:
        """Return the positions of a text, or None if it is not one that this service issued."""
        try:
            now = self.clock.now()
            offsets = open_token(self.key, "live", text, bound_to=self._bound_to, now=now)
        except TokenRefused:
            return None
        return dict(zip(self.partitions, offsets, strict=True))

    @property
    def _bound_to(self) -> list[str]:
        """A release with other partitions must not read the positions of an earlier one."""
        return [f"{each.topic}/{each.partition}" for each in self.partitions]
