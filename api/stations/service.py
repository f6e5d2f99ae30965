"""Use cases of stations: the registry, and each station's queue, counts, export and colleagues.

Endpoints and console pages call these functions. A write is authorised here, against the stored
station and against the station after the write, which has the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.access import belonging, policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists import clauses
from api.lists.documents import existing_document, fact_with_version, not_found
from api.lists.exports import Table
from api.lists.paging import Listing, bool_of, every, listing, page
from api.lists.sparse import Fields
from api.lists.totals import with_total
from api.matches.acting import works_at
from api.matches.match_answers import match_answers
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.stations import queue_export
from api.stations.queue_query import (
    SORTS,
    Order,
    QueueFilter,
    count_aggregations,
    counted_clauses,
    counts_of,
    listed_clauses,
)
from api.stations.schemas import Colleague, Colleagues, Counts
from api.writes.editing import STATION
from api.writes.publishing import Written, write_fact
from producers import facts
from roost import ids
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.common import Place
from roost.events.envelope import Record
from roost.events.station import StationContent
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES, STATIONS
from roost.views.elastic import Json


async def list_stations(
    given: Services,
    who: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    fields: Fields = None,
    identifier: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of the registry. Every caller who may read stations sees all of them."""
    policy.reach(who, Permission.STATIONS_READ)
    by_kind: list[Json] = [{"kind": "asc"}]
    filters = clauses.equal("id", identifier and ids.station_id(identifier))
    found = await listing(given, who.id, STATIONS.name, filters, by_kind, limit, cursor, fields)
    return await with_total(given, who.role, STATIONS.name, filters, found, total)


async def all_stations(given: Services) -> list[dict[str, Any]]:
    """Return every station in the registry, with its version, to fill choices on a page."""
    return [fact_with_version(each) async for each in every(given.elastic, STATIONS.name, [])]


async def stations_within(
    given: Services, who: Principal, permission: Permission
) -> list[dict[str, Any]]:
    """Return the stations for which the caller has a permission, to fill choices on a page."""
    everywhere = policy.reach(who, permission) is Reach.ALL
    found = await all_stations(given)
    return [each for each in found if everywhere or each["id"] in who.station_ids]


async def find_station(given: Services, who: Principal, id: str) -> Json:
    """Return a station's document. Raises NotFound."""
    policy.reach(who, Permission.STATIONS_READ)
    return await _existing(given, id)


async def register_station(given: Services, who: Principal, content: StationContent) -> Written:
    """Add a station to the registry. Raises Invalid, and Conflict if its code exists already."""
    id = ids.station_id(content.identifier)
    return await _write(given, who, id, content, ANYTHING, must_be_new=True)


async def put_station(
    given: Services,
    who: Principal,
    id: str,
    content: StationContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Replace a station, or add it if the id is unknown.

    Raises NotFound for a station out of reach, PreconditionFailed and Invalid.
    """
    return await _write(given, who, id, content, expected)


async def list_queue(
    given: Services,
    who: Principal,
    station_id: str,
    wanted: QueueFilter,
    *,
    order: Order = Order.URGENT,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of a station's queue as the caller may see it. Raises NotFound."""
    documents, following = await queue_page(
        given, who, (station_id,), wanted, order=order, limit=limit, cursor=cursor
    )
    found = Listing(items=await match_answers(given, who, documents), next=following)
    filters = listed_clauses((station_id,), wanted, who.id, given.clock.now())
    return await with_total(given, who.role, MATCHES.name, filters, found, total)


async def queue_page(
    given: Services,
    who: Principal,
    stations: Sequence[str],
    wanted: QueueFilter,
    *,
    order: Order = Order.URGENT,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[Json], str | None]:
    """Return a page of the documents of some queues, and the cursor of the next page.

    Raises NotFound.
    """
    await check_queues(given, who, stations)
    filters = listed_clauses(stations, wanted, who.id, given.clock.now())
    asked = (tuple(stations), wanted)  # the clauses contain the time
    return await page(
        given, who.id, MATCHES.name, filters, SORTS[order], limit, cursor, asked=asked
    )


async def count_queue(
    given: Services, who: Principal, stations: Sequence[str], wanted: QueueFilter
) -> Counts:
    """Return the counts of some queues within the filters; the filter of states is ignored.

    Raises NotFound.
    """
    await check_queues(given, who, stations)
    now = given.clock.now()
    query = bool_of(counted_clauses(stations, wanted, who.id, now))
    aggregations = count_aggregations(who.id, now)
    _, answered = await given.elastic.aggregate(MATCHES.name, query, aggregations)
    return counts_of(answered, given.identities.name_of, gazetteer())


async def count_listed(
    given: Services, who: Principal, stations: Sequence[str], wanted: QueueFilter
) -> int:
    """Return the number of matches that the filters let through. Raises NotFound."""
    await check_queues(given, who, stations)
    clauses = listed_clauses(stations, wanted, who.id, given.clock.now())
    return await given.elastic.count(MATCHES.name, bool_of(clauses))


async def export_queue(
    given: Services, who: Principal, station_id: str, wanted: QueueFilter
) -> Table:
    """Return a queue as a table, most urgent first, at most `MOST_ROWS` rows. Raises NotFound.

    One search reads it: an action between two would move a match over the border of a page.
    """
    await check_queue(given, who, station_id)
    clauses = listed_clauses((station_id,), wanted, who.id, given.clock.now())
    body: Json = {
        "size": queue_export.MOST_ROWS,
        "sort": [*SORTS[Order.URGENT], {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(clauses),
        "_source": list(queue_export.SOURCE_FIELDS),
    }
    documents = [hit.source for hit in (await given.elastic.search(MATCHES.name, body)).hits]
    chinese = who.language == "zh"
    return Table(
        queue_export.sheet_name(chinese),
        queue_export.header_cells(chinese),
        list(queue_export.rows_of_cells(documents, given.identities.name_of, gazetteer(), chinese)),
        given.settings.zone,
    )


async def list_colleagues(given: Services, who: Principal, station_id: str) -> Colleagues:
    """Return the accounts to which a match of the station can be assigned, by name.

    Accounts of the association work at every station. Raises NotFound.
    """
    await check_queue(given, who, station_id)
    found = [each for each in given.identities.accounts.values() if works_at(each, station_id)]
    return Colleagues(
        items=[
            Colleague(id=each.id, name=each.name, role=each.role)
            for each in sorted(found, key=lambda each: (each.name, each.id))
        ]
    )


async def check_queue(given: Services, who: Principal, station_id: str) -> None:
    """Raise NotFound for an unknown station or one whose queue the caller may not see."""
    await check_queues(given, who, (station_id,))


async def check_queues(given: Services, who: Principal, stations: Sequence[str]) -> None:
    """Raise NotFound if one of the stations is unknown, or its queue is out of the reach."""
    for id in stations:
        belonging.check_station(who, Permission.MATCHES_READ, id)
    found = await given.elastic.mget([(STATIONS.name, id) for id in stations], ("erased",))
    for id in stations:
        if found.get((STATIONS.name, id), {"erased": True}).get("erased"):
            raise not_found("station", "服务站", id)


async def _existing(given: Services, id: str) -> Json:
    return await existing_document(given.elastic, STATIONS.name, id, "station", "服务站")


async def _write(
    given: Services,
    who: Principal,
    id: str,
    content: StationContent,
    expected: Expected,
    *,
    must_be_new: bool = False,
) -> Written:
    async def authorise(current: CurrentFact) -> None:
        belonging.check_station(who, Permission.STATIONS_WRITE, id)
        if current.fact is not None and must_be_new:
            raise _code_taken()

    async def derive(current: CurrentFact) -> Record:
        stored = None if current.fact is None else Place.from_stored(current.fact["place"])
        at = given.clock.now()
        station, record = facts.station_put(content, at=at, id=id, former=stored)
        belonging.check_station(who, Permission.STATIONS_WRITE, station.id)
        return record

    written = await write_fact(given, STATION, id, authorise, derive, expected=expected)
    return replace(written, created=False)  # a PUT has always answered 200, never 201


def _code_taken() -> Conflict:
    message, message_zh = "A station with this code exists; edit it", "该编号的服务站已存在"
    return Conflict(message, message_zh, fields=(FieldError("identifier", message, message_zh),))
