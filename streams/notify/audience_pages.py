"""Recipients of a notice, read from the views a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from roost.events.notice import Notice
from roost.events.notification import Recipient, RecipientKind
from roost.events.station import Station
from roost.places.gazetteer import Gazetteer
from roost.rules.notice_audience import stations_reached, worker_clauses
from roost.topics import PROFILES
from roost.views.elastic import Elastic
from streams.views.id_pages import id_pages
from streams.views.registry import Registry


class Audiences:
    """Finder of recipients: workers in the view `profiles`, stations in their registry."""

    def __init__(self, elastic: Elastic, places: Gazetteer) -> None:
        self._elastic = elastic
        self._places = places
        self._stations = Registry(elastic, Station)

    async def of(self, notice: Notice) -> AsyncIterator[list[Recipient]]:
        """Yield the named recipients, then the stations and the workers reached through places.

        A recipient may come twice. Raises Transient if Elasticsearch is unavailable; the caller
        then starts again from the first page.
        """
        audience = notice.audience
        yield [
            *_recipients(RecipientKind.WORKER, audience.worker_ids),
            *_recipients(RecipientKind.STATION, audience.station_ids),
        ]
        if not audience.places:
            return
        stations = await self._stations.all()
        yield _recipients(
            RecipientKind.STATION, stations_reached(audience.places, stations, self._places)
        )
        await self._elastic.refresh(PROFILES.name)
        clauses = worker_clauses(audience.places, self._places)
        async for hits in id_pages(self._elastic, PROFILES.name, clauses):
            yield _recipients(RecipientKind.WORKER, (hit.id for hit in hits))


def _recipients(kind: RecipientKind, ids: Iterable[str]) -> list[Recipient]:
    return [Recipient(kind=kind, id=id) for id in ids]
