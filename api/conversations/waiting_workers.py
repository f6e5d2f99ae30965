"""Workers whose messages wait for a clerk, within the caller's reach.

A message does not say which station serves its worker, since that changes. So the waiting workers
of the county are read first, and those out of reach are left out by two queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from api.access import belonging, policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.conversations.schemas import WaitingWorker, WaitingWorkers
from api.lists.paging import bool_of
from api.ports.services import Services
from roost.events.account import Permission
from roost.topics import CONVERSATIONS, MATCHES, PROFILES
from roost.views.elastic import Json

MOST_WORKERS = 5_000
"""Waiting workers of the county that are looked at, the longest waiting first."""
SHOWN_CHARACTERS = 120
OPEN: list[Json] = [{"term": {"open": True}}]


@dataclass(frozen=True, slots=True)
class Wait:
    """Number of a worker's waiting messages, and the time of the oldest."""

    messages: int
    since: datetime


async def count_waiting(given: Services, who: Principal) -> int:
    """Return the number of workers within the caller's reach whose messages wait."""
    if who.worker_id is not None:
        return 0
    return len(await _waits_within_reach(given, who))


async def list_waiting(given: Services, who: Principal, *, limit: int) -> WaitingWorkers:
    """Return the first `limit` of the waiting workers, the longest waiting first."""
    waits = await _waits_within_reach(given, who)
    first = list(waits)[:limit]
    texts, names = await _newest_texts(given, first), await _names(given, first)
    items = [
        WaitingWorker(
            worker_id=id,
            name=names.get(id),
            messages=waits[id].messages,
            since=waits[id].since,
            text=texts.get(id, ""),
        )
        for id in first
    ]
    return WaitingWorkers(items=items, waiting=len(waits), more=len(waits) > len(first))


async def _waits_within_reach(given: Services, who: Principal) -> Mapping[str, Wait]:
    waits = await _waits(given)
    near = await _within_reach(given, who, list(waits))
    return {id: wait for id, wait in waits.items() if id in near}


async def _waits(given: Services) -> dict[str, Wait]:
    """Return the waiting workers of the county, the longest waiting first."""
    by_worker: Json = {
        "terms": {"field": "worker_id", "size": MOST_WORKERS, "order": {"since": "asc"}},
        "aggs": {"since": {"min": {"field": "sent_at"}}},
    }
    count, found = await given.elastic.aggregate(
        CONVERSATIONS.name, bool_of(OPEN), {"workers": by_worker}
    )
    if not count:
        return {}
    return {
        each["key"]: Wait(
            each["doc_count"], datetime.fromtimestamp(each["since"]["value"] / 1000, UTC)
        )
        for each in found["workers"]["buckets"]
    }


async def _within_reach(
    given: Services, who: Principal, worker_ids: Sequence[str]
) -> Collection[str]:
    """Return those of the workers whom the caller may answer; no erased ones."""
    permission = Permission.INBOX_READ
    how_far = policy.reach(who, permission)
    if not worker_ids:
        return set()
    filters = await belonging.profiles_within_reach(given, who, permission)
    near = await _tallied(given, PROFILES.name, "id", worker_ids, filters)
    rest = [id for id in worker_ids if id not in near]
    if how_far is Reach.STATIONS and rest:
        active: list[Json] = [
            {"term": {"active": True}},
            *belonging.matches_within_reach(who, permission),
        ]
        near |= await _tallied(given, MATCHES.name, "worker_id", rest, active)
    return near


async def _tallied(
    given: Services, view: str, field: str, values: Sequence[str], filters: list[Json]
) -> set[str]:
    """Return the values that documents which meet the filters hold in a field."""
    (counts,) = await given.elastic.tallies(view, [(field, values, bool_of(filters))])
    return set(counts)


async def _newest_texts(given: Services, worker_ids: Sequence[str]) -> dict[str, str]:
    """Return the beginning of each worker's newest waiting message."""
    newest: Json = {"size": 1, "sort": [{"sent_at": "desc"}, {"id": "asc"}], "_source": ["fact"]}
    searches = [
        (
            CONVERSATIONS.name,
            newest | {"query": bool_of([{"term": {"worker_id": id}}, *OPEN])},
        )
        for id in worker_ids
    ]
    pages = await given.elastic.msearch(searches)
    return {
        id: page.hits[0].source["fact"]["text"][:SHOWN_CHARACTERS]
        for id, page in zip(worker_ids, pages, strict=True)
        if page.hits
    }


async def _names(given: Services, worker_ids: Sequence[str]) -> dict[str, str]:
    found = await given.elastic.mget([(PROFILES.name, id) for id in worker_ids], ("fact.name",))
    named = {id: document.get("fact", {}).get("name") for (_, id), document in found.items()}
    return {id: name for id, name in named.items() if name}
