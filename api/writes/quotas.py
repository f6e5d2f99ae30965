"""Quotas: the number of entities of one kind that an employer may have at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.lists.paging import bool_of
from api.ports.recent_creations import Reservation
from api.ports.services import Services
from roost.errors import Refused, Transient
from roost.views.elastic import Json


class QuotaReached(Refused):
    """The employer has as many entities of this kind as the settings allow."""

    slug = "quota-reached"
    title = "The quota is reached"
    title_zh = "数量已达上限"


def always(fact: dict[str, Any]) -> bool:
    """Count every entity that is not erased."""
    return True


@dataclass(frozen=True, slots=True)
class Quota:
    """The entities of an owner that count, and the most that there may be."""

    view: str
    owner: str
    filters: list[Json]
    """Clauses of the entities that count."""
    most: int
    counts: Callable[[dict[str, Any]], bool] = always
    """Test of a fact of the owner: the condition that `filters` state for the view."""


async def count_live(given: Services, quota: Quota, *, but: str | None = None) -> int:
    """Return how many entities count against a quota, at most about `most`, without `but`.

    Counts the view, and the entities created lately that it may not show yet. Nothing is awaited
    after the last look at these, so the number holds until the caller awaits anything.
    """
    view, owner = quota.view, quota.owner
    counted = await given.elastic.count(view, bool_of(quota.filters))
    recent = given.creations.of(view, owner).keys() - {but}
    if counted + len(recent) < quota.most:
        return counted + len(recent)
    body: Json = {
        "size": quota.most + 1,
        "_source": ["id"],
        "track_total_hits": False,
        "query": bool_of(quota.filters),
    }
    shown = {hit.id for hit in (await given.elastic.search(view, body)).hits} - {but}
    recent = given.creations.of(view, owner).keys() - shown
    documents = await given.elastic.mget([(view, each) for each in sorted(recent)])
    held = (
        id
        for id, place in given.creations.of(view, owner).items()
        if id != but and id not in shown and _holds(given, quota, id, place, documents)
    )
    return len(shown) + sum(1 for _ in held)


async def reserve(given: Services, quota: Quota, id: str, refusal: QuotaReached) -> None:
    """Count a new or reopened entity against its owner's quota.

    Concurrent requests do not share one place. An entity that counted before, such as one that was
    closed or removed meanwhile, needs a place again.

    Raises `refusal` if the quota is reached, and Transient.
    """
    document = await given.elastic.get(quota.view, id)
    version = given.latest.over(quota.view, id, document).version
    if await count_live(given, quota, but=id) >= quota.most:
        raise refusal
    given.creations.note(quota.view, quota.owner, id, version)


def _holds(
    given: Services,
    quota: Quota,
    id: str,
    place: Reservation,
    documents: dict[tuple[str, str], Json],
) -> bool:
    """Return whether an entity created lately counts: its write is pending, or its fact counts."""
    try:
        current = given.latest.over(quota.view, id, documents.get((quota.view, id)))
    except Transient:  # its value is no longer kept, so it was published and not erased lately
        return True
    if current.version <= place.version:
        return given.creations.is_pending(place)
    return current.fact is not None and quota.counts(current.fact)
