"""Quotas: the number of entities of one kind that an employer may have at a time."""

from __future__ import annotations

from api.lists.paging import bool_of
from api.ports.services import Services
from roost.errors import Refused, Transient
from roost.views.elastic import Json


class QuotaReached(Refused):
    """The employer has as many entities of this kind as the settings allow."""

    slug = "quota-reached"
    title = "The quota is reached"
    title_zh = "数量已达上限"


async def count_live(given: Services, view: str, owner: str, filters: list[Json], most: int) -> int:
    """Return how many entities an owner has, at most about `most`.

    Counts the view, and the entities created lately that it may not show yet.
    """
    counted = await given.elastic.count(view, bool_of(filters))
    recent = given.creations.ids(view, owner)
    if not recent or counted + len(recent) < most:
        return counted + len(recent)
    body: Json = {
        "size": most,
        "_source": ["id"],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    shown = {hit.id for hit in (await given.elastic.search(view, body)).hits}
    recent = given.creations.ids(view, owner)
    return len(shown | {each for each in recent if not _is_removed(given, view, each)})


async def reserve(
    given: Services,
    view: str,
    owner: str,
    id: str,
    filters: list[Json],
    most: int,
    refusal: QuotaReached,
) -> None:
    """Count a new entity against its owner's quota. Raises `refusal` if the quota is reached.

    Nothing is awaited between the last look at the recent ids and the reservation, so that
    concurrent requests do not share one place.
    """
    if id in given.creations.ids(view, owner):
        return
    before = given.creations.ids(view, owner)
    used = await count_live(given, view, owner, filters, most)
    joined = given.creations.ids(view, owner) - before
    if used + len(joined) >= most:
        raise refusal
    given.creations.note(view, owner, id)


def _is_removed(given: Services, view: str, id: str) -> bool:
    """Return whether this process has erased an entity that it created lately."""
    try:
        current = given.latest.over(view, id, None)
    except Transient:  # its value is no longer kept, so it was not erased lately
        return False
    return current.version > 0 and current.fact is None
