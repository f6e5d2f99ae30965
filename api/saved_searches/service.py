"""Use cases of saved searches: list, save, change, end, remove, and the openings that one finds.

A worker, or staff within reach of the worker, keep them; the permission is that of the profile. The
link of a message ends one without signing in: it is authorised by its signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.access import belonging
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import existing_document, not_found
from api.lists.paging import bool_of
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.saved_searches.schemas import (
    FoundOpening,
    FoundOpenings,
    SavedSearchAnswer,
    SavedSearchChanges,
    SavedSearchContent,
    SavedSearchList,
)
from api.saved_searches.stored_conditions import default_name, stored_conditions
from api.writes.editing import SAVED_SEARCH, existing_fact
from api.writes.publishing import Written, searchable_within, write_fact
from api.writes.quotas import Quota, QuotaReached, reserve
from producers import saved_search_facts as facts
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.saved_search import SavedSearch, SearchConditions
from roost.places.written_names import written_name
from roost.saved_searches.condition_words import condition_lines
from roost.saved_searches.search_clauses import clauses_of, published
from roost.topics import OPENINGS, SAVED_SEARCHES
from roost.views.elastic import Json

MOST_SEARCHES = 20
"""Saved searches of one worker; paused ones count."""
MOST_SHOWN = 50
IN_FORCE_S = 8.0
"""Longest wait for the end of a search to be in force; after it the page says it is pending."""
VIEW = SAVED_SEARCHES.name


class SearchesFull(QuotaReached):
    """A worker has as many saved searches as possible."""

    status = 409
    slug = "saved-searches-full"
    title = "No more saved searches"
    title_zh = "岗位订阅数量已达上限"


async def list_searches(
    given: Services, who: Principal, worker_id: str, *, language: str, refresh: bool = False
) -> SavedSearchList:
    """Return all saved searches of a worker. Raises NotFound.

    `refresh` includes those of the last second.
    """
    await belonging.profile(given, who, Permission.PROFILES_READ, worker_id)
    if refresh:
        await given.elastic.refresh(VIEW)
    body: Json = {
        "size": MOST_SEARCHES * 2,
        "sort": [{"created_at": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(_of(worker_id)),
    }
    hits = (await given.elastic.search(VIEW, body)).hits
    items = [answer_of(each.source, language) for each in hits]
    return SavedSearchList(items=items, most=MOST_SEARCHES)


async def find_search(
    given: Services, who: Principal, id: str, *, language: str
) -> SavedSearchAnswer:
    """Return one saved search. Raises NotFound."""
    current = await _current(given, id)
    search = SavedSearch.from_stored(existing_fact(current, SAVED_SEARCH, id))
    await _reach(given, who, Permission.PROFILES_READ, search)
    return answer_of({"fact": current.fact, "version": current.version}, language)


async def save_search(
    given: Services,
    who: Principal,
    worker_id: str,
    content: SavedSearchContent,
    *,
    seed: str,
    language: str,
) -> Written:
    """Save a search of a worker; the same seed is the same search.

    Raises NotFound, Invalid and SearchesFull.
    """
    profile = await belonging.profile(given, who, Permission.PROFILES_WRITE, worker_id)
    stored = stored_conditions(content, profile["fact"])
    id = facts.search_id(worker_id, seed)

    async def authorise(current: CurrentFact) -> None:
        """Accept it: access is checked above, and the id contains the worker."""

    async def derive(current: CurrentFact) -> Record:
        at = given.clock.now()
        if current.fact is not None:  # a repeat
            return facts.search_saved(SavedSearch.from_stored(current.fact), at=at)
        await _check_room(given, worker_id, id)
        own: Json = {"id": id, "worker_id": worker_id, "by": who.id, "created_at": at}
        return _recorded(content, stored | own | {"counts_from": at}, language, at)

    return await write_fact(given, SAVED_SEARCH, id, authorise, derive)


async def replace_search(
    given: Services,
    who: Principal,
    id: str,
    content: SavedSearchContent,
    expected: Expected = ANYTHING,
    *,
    language: str,
) -> Written:
    """Replace the content of a search; with other conditions it counts new openings from now.

    Raises NotFound, Invalid and PreconditionFailed.
    """

    async def derive(current: CurrentFact) -> Record:
        former = SavedSearch.from_stored(current.fact)
        profile = await belonging.profile(given, who, Permission.PROFILES_WRITE, former.worker_id)
        at = given.clock.now()
        stored = stored_conditions(content, profile["fact"])
        kept: Json = {"id": id, "worker_id": former.worker_id}
        kept |= {"by": former.by, "created_at": former.created_at}
        same = all(getattr(former, name) == stored[name] for name in SearchConditions.model_fields)
        resumed = former.paused and not content.paused
        counts_from = former.counts_from if same and not resumed else at
        return _recorded(content, stored | kept | {"counts_from": counts_from}, language, at)

    return await write_fact(
        given, SAVED_SEARCH, id, _may_write(given, who, id), derive, expected=expected
    )


async def change_search(
    given: Services,
    who: Principal,
    id: str,
    changes: SavedSearchChanges,
    expected: Expected = ANYTHING,
) -> Written:
    """Rename a search, pause or resume it, or choose its notice.

    A resumed search counts new openings from now. Raises NotFound and PreconditionFailed.
    """
    stated = {name: value for name, value in changes if value is not None}

    async def derive(current: CurrentFact) -> Record:
        former, at = SavedSearch.from_stored(current.fact), given.clock.now()
        resumed = former.paused and stated.get("paused") is False
        moved = {"counts_from": at} if resumed else {}
        return facts.search_saved(former.model_copy(update=stated | moved), at=at)

    return await write_fact(
        given, SAVED_SEARCH, id, _may_write(given, who, id), derive, expected=expected
    )


async def remove_search(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Erase a saved search. Raises NotFound and PreconditionFailed."""

    async def derive(current: CurrentFact) -> Record:
        return facts.search_erased(id, at=given.clock.now())

    return await write_fact(
        given, SAVED_SEARCH, id, _may_write(given, who, id), derive, expected=expected
    )


async def end_by_link(given: Services, id: str) -> tuple[str, bool]:
    """Pause the search of a signed link; return its name and whether that is in force.

    A repeat changes nothing. A search that was removed sends nothing: its name is empty. Raises
    Transient.
    """
    name = ""

    async def authorise(current: CurrentFact) -> None:
        if current.fact is None:
            raise not_found(SAVED_SEARCH.what, SAVED_SEARCH.what_zh, id)

    async def derive(current: CurrentFact) -> Record:
        nonlocal name
        former = SavedSearch.from_stored(current.fact)
        name = former.name
        at = given.clock.now()
        return facts.search_saved(former.model_copy(update={"paused": True}), at=at)

    try:
        written = await write_fact(given, SAVED_SEARCH, id, authorise, derive)
    except NotFound:
        return "", True
    in_force = not written.changed or await searchable_within(given, written, IN_FORCE_S)
    return name, in_force


async def found_openings(
    given: Services, who: Principal, id: str, *, limit: int = MOST_SHOWN
) -> FoundOpenings:
    """Return the newest openings that a search finds now, announced or not. Raises NotFound."""
    current = await _current(given, id)
    search = SavedSearch.from_stored(existing_fact(current, SAVED_SEARCH, id))
    await _reach(given, who, Permission.PROFILES_READ, search)
    body: Json = {
        "size": min(limit, MOST_SHOWN),
        "_source": ["id", "fact", "posted_at"],
        "sort": [{"posted_at": "desc"}, {"id": "asc"}],
        "query": bool_of([*published(given.today), *clauses_of(search)]),
    }
    page = await given.elastic.search(OPENINGS.name, body)
    return FoundOpenings(
        items=[_opening(each.source, search) for each in page.hits], total=page.total
    )


def answer_of(document: Json, language: str) -> SavedSearchAnswer:
    """Return a stored search with its conditions in words."""
    search = SavedSearch.from_stored(document["fact"])
    chinese = _is_chinese(language)
    return SavedSearchAnswer(
        **{name: getattr(search, name) for name in SavedSearch.model_fields},
        conditions=condition_lines(document["fact"], chinese=chinese),
        place_name=written_name(search.place, chinese=chinese) if search.place else None,
        version=document["version"],
    )


def _opening(document: Json, search: SavedSearch) -> FoundOpening:
    fact, posted_at = document["fact"], datetime.fromisoformat(document["posted_at"])
    return FoundOpening(
        id=document["id"],
        title=fact["title"],
        employer=fact["hiringOrganization"]["name"],
        place=fact["jobLocation"]["name"],
        posted_at=posted_at,
        is_new=posted_at >= search.counts_from,
    )


def _recorded(content: SavedSearchContent, stored: Json, language: str, at: datetime) -> Record:
    plain = SavedSearch.model_validate(stored | {"name": "…"}).to_dict()
    name = content.name or default_name(plain, chinese=_is_chinese(language))
    fields = {"name": name, "notice": content.notice, "paused": content.paused}
    return facts.search_saved(SavedSearch.model_validate(stored | fields), at=at)


def _may_write(given: Services, who: Principal, id: str) -> Any:
    async def authorise(current: CurrentFact) -> None:
        search = SavedSearch.from_stored(existing_fact(current, SAVED_SEARCH, id))
        await _reach(given, who, Permission.PROFILES_WRITE, search)

    return authorise


async def _current(given: Services, id: str) -> CurrentFact:
    document = await existing_document(
        given.elastic, VIEW, id, SAVED_SEARCH.what, SAVED_SEARCH.what_zh
    )
    return given.latest.over(VIEW, id, document)


async def _reach(
    given: Services, who: Principal, permission: Permission, search: SavedSearch
) -> None:
    """Raise NotFound, in the words for an unknown search, if its worker is out of reach."""
    try:
        await belonging.profile(given, who, permission, search.worker_id)
    except NotFound:
        raise not_found(SAVED_SEARCH.what, SAVED_SEARCH.what_zh, search.id) from None


async def _check_room(given: Services, worker_id: str, id: str) -> None:
    """Count a new search of a worker. Raises SearchesFull."""
    refusal = SearchesFull(
        f"There are {MOST_SEARCHES} saved searches already; remove one that is no longer needed.",
        f"岗位订阅已达 {MOST_SEARCHES} 个，请先删除不再需要的订阅。",
    )
    async with given.latest.alone(VIEW, worker_id):
        quota = Quota(VIEW, worker_id, _of(worker_id), MOST_SEARCHES)
        await reserve(given, quota, id, refusal)


def _of(worker_id: str) -> list[Json]:
    return [{"term": {"worker_id": worker_id}}]


def _is_chinese(language: str) -> bool:
    return language.lower().startswith("zh")
