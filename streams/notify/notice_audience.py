"""The audience of a notice, read a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable

from roost.events.notice import Notice
from roost.events.notification import Recipient, RecipientKind
from roost.events.station import Station
from roost.places.gazetteer import Gazetteer
from roost.topics import PROFILES
from roost.views.elastic import Elastic, Json
from streams.views.id_pages import id_pages
from streams.views.registry import Registry


class Audiences:
    """A reader of audiences: workers from the view `profiles`, stations from the registry."""

    def __init__(self, elastic: Elastic, places: Gazetteer) -> None:
        self._elastic = elastic
        self._places = places
        self._stations = Registry(elastic, Station)

    async def of(self, notice: Notice) -> AsyncIterator[list[Recipient]]:
        """Yield the named recipients, the stations that serve the places, then their residents.

        A recipient may occur twice. Raises Transient when Elasticsearch is away: start again.
        """
        audience = notice.audience
        yield [
            *_recipients(RecipientKind.WORKER, audience.worker_ids),
            *_recipients(RecipientKind.STATION, audience.station_ids),
        ]
        if not audience.places:
            return
        serving = stations_serving(audience.places, await self._stations.all(), self._places)
        yield _recipients(RecipientKind.STATION, serving)
        await self._elastic.refresh(PROFILES.name)
        async for hits in id_pages(
            self._elastic, PROFILES.name, people_of(audience.places, self._places)
        ):
            yield _recipients(RecipientKind.WORKER, (hit.id for hit in hits))


def stations_serving(
    places: Collection[str], stations: Iterable[Station], gazetteer: Gazetteer
) -> list[str]:
    """Return the ids of stations that serve one of these places, a part of one, or its parent."""
    reached = gazetteer.within(places).union(*map(gazetteer.ancestors, places))
    return [each.id for each in stations if not reached.isdisjoint(each.serves)]


def people_of(places: Collection[str], gazetteer: Gazetteer) -> list[Json]:
    """Return the filters of the view `profiles` for workers living or at home in these places.

    A profile lists the place where the worker lives with all its parents, but only the place itself
    of their home.
    """
    lives_there: Json = {"terms": {"places": list(places)}}
    home_is_there: Json = {"terms": {"home": sorted(gazetteer.within(places))}}
    either = {"bool": {"should": [lives_there, home_is_there], "minimum_should_match": 1}}
    return [{"term": {"active": True}}, either]


def _recipients(kind: RecipientKind, ids: Iterable[str]) -> list[Recipient]:
    return [Recipient(kind=kind, id=id) for id in ids]
