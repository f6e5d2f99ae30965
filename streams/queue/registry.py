"""The registry of stations for the queue stage: read from its view for every batch.

A registry is small, and a station that has just opened must get its matches; only what has a new
version is parsed again.
"""

from __future__ import annotations

from collections.abc import Sequence

from roost.events.station import Station
from roost.topics import STATIONS
from roost.views.elastic import Elastic
from streams.guard import patiently


class StationRegistry:
    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._parsed: dict[tuple[str, int], Station] = {}

    async def all(self) -> Sequence[Station]:
        return await patiently("stations.read", self._read)

    async def _read(self) -> tuple[Station, ...]:
        parsed = {}
        async for id, version, document in self._elastic.scan(STATIONS.name):
            if not document.get("erased"):
                known = self._parsed.get((id, version))
                parsed[id, version] = known or Station.model_validate(document["fact"])
        self._parsed = parsed
        return tuple(parsed.values())
