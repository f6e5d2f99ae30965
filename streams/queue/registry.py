"""The registry of stations for the queue stage: read from its view, kept for a short while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from roost.clock import Clock
from roost.events.station import Station
from roost.topics import STATIONS
from roost.views.elastic import Elastic
from streams.guard import patiently

FRESH = timedelta(seconds=10)


class StationRegistry:
    def __init__(self, elastic: Elastic, clock: Clock) -> None:
        self._elastic = elastic
        self._clock = clock
        self._read_at: datetime | None = None
        self._stations: tuple[Station, ...] = ()

    async def all(self) -> Sequence[Station]:
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > FRESH:
            self._stations = await patiently("stations.read", self._read)
            self._read_at = now
        return self._stations

    async def _read(self) -> tuple[Station, ...]:
        return tuple(
            [
                Station.model_validate(document["fact"])
                async for _, _, document in self._elastic.scan(STATIONS.name)
                if not document.get("erased")
            ]
        )
