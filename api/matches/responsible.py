"""The station and the clerk whom an employer can ask about a match or an opening.

Employers see the name that a member of staff chose for them, and no name without a choice. The
telephone is the station's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.ports.services import Services
from roost.events.preferences import ChannelKind
from roost.topics import STATIONS
from roost.views.elastic import Json

TELEPHONES = frozenset({ChannelKind.SMS.value})
MOST_STATIONS = 50
"""Most stations that serve a place, or one that contains it."""


async def with_responsible(
    given: Services, documents: Sequence[Json], answers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return answers of matches to employers, with `responsible` where a station has the match."""
    keys = {(STATIONS.name, each["station_id"]) for each in documents if each.get("station_id")}
    if not keys:
        return list(answers)
    found = await given.elastic.mget(sorted(keys), ("fact", "erased"))
    stations = {id: document.get("fact") for (_, id), document in found.items()}
    shown = (
        responsible(stations.get(each.get("station_id") or ""), _public_name(given, each))
        for each in documents
    )
    return [
        answer | ({"responsible": each} if each else {})
        for answer, each in zip(answers, shown, strict=True)
    ]


async def responsible_for_opening(given: Services, document: Json) -> dict[str, Any] | None:
    """Return whom to ask about an opening; None if no station serves its workplace."""
    return responsible(await responsible_station(given, document))


async def responsible_station(given: Services, document: Json) -> Json | None:
    """Return the station that serves an opening's workplace most closely; None if none does."""
    places = list(document.get("places", ()))
    body: Json = {
        "size": MOST_STATIONS,
        "query": {"bool": {"filter": [{"terms": {"serves": places}}]}},
        "sort": [{"id": "asc"}],
        "_source": ["fact"],
        "track_total_hits": False,
    }
    hits = (await given.elastic.search(STATIONS.name, body)).hits
    return closest([hit.source["fact"] for hit in hits], places)


def closest(stations: Iterable[Json], places: Sequence[str]) -> Json | None:
    """Return the station that serves the innermost of the places, which come innermost first.

    For one place the first id counts (pure).
    """
    order = {place: number for number, place in enumerate(places)}
    ranked = [
        (min(order[each] for each in station["serves"] if each in order), station["id"], station)
        for station in stations
        if order.keys() & set(station.get("serves", ()))
    ]
    return min(ranked, key=lambda each: each[:2])[2] if ranked else None


def responsible(
    station: Mapping[str, Any] | None, name: str | None = None
) -> dict[str, Any] | None:
    """Return the station, its telephone and the clerk's public name, each if known (pure)."""
    if station is None:
        return None
    telephone = next(
        (
            each["address"]
            for each in station.get("channels", ())
            if each["kind"] in TELEPHONES and each.get("address") and each.get("confirmed", True)
        ),
        None,
    )
    known = {"station": station["name"], "telephone": telephone, "name": name}
    return {key: value for key, value in known.items() if value}


def _public_name(given: Services, document: Json) -> str | None:
    """Return the name that the match's holder chose for employers."""
    account = given.identities.accounts.get(document.get("assigned_to") or "")
    return account.public_name if account is not None and not account.disabled else None
