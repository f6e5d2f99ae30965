"""Endpoints of saved searches, and of the link that ends one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch, tagged
from api.guards.idempotency.key_header import Seed
from api.lists.answer_schemas import tagged_answer
from api.ports.services import Given
from api.saved_searches import end_page, service
from api.saved_searches.schemas import (
    FoundOpenings,
    SavedSearchAnswer,
    SavedSearchChanges,
    SavedSearchContent,
    SavedSearchList,
)
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.contact import search_links
from roost.events.account import Permission
from roost.events.common import SavedSearchId, WorkerId

router = APIRouter(prefix="/v1", tags=["saved searches"])
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
EXAMPLE = {"words": "缝纫", "place": "大同市", "wage": 4500, "notice": "digest"}
Content = Annotated[SavedSearchContent, Body(examples=[EXAMPLE])]
In = Annotated[Literal["zh", "en"], Query(description="language of the conditions in words")]
PAGE: Any = {"text/html": {"schema": {"type": "string"}}}
PAGES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Accepted; in force in a moment", "content": PAGE},
    404: {"description": "The link is incomplete", "content": {"text/html": {}}},
}


def _signed(token: Annotated[str, Path(max_length=100)], given: Given) -> str:
    """Return the search of a signed link. Raises WrongLink."""
    return search_links.search_of(given.key, token)


Signed = Annotated[str, Depends(_signed)]


@router.get("/profiles/{id}/saved-searches", summary="List a worker's saved searches")
async def list_searches(
    id: WorkerId, who: Reads, given: Given, language: In = "zh"
) -> SavedSearchList:
    """Return all saved searches of a worker, the oldest first; a worker has at most 20."""
    return await service.list_searches(given, who, id, language=language)


@router.post("/profiles/{id}/saved-searches", status_code=202, summary="Save a search")
async def save_search(
    id: WorkerId,
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
    language: In = "zh",
) -> Accepted:
    """Save a search: the worker is notified of each new or changed opening that meets it.

    At least one condition is stated. `withinKm` and `nearHome` are measured from the places of the
    profile as they are now. Of one day's openings five are announced one by one; the further ones
    are counted in the next digest. A repeat under one `Idempotency-Key` is one search.
    """
    written = await service.save_search(given, who, id, content, seed=seed, language=language)
    return await _accepted(given, written, wait, response)


@router.get("/saved-searches/{id}", summary="Read a saved search", responses=tagged_answer())
async def read_search(
    id: SavedSearchId, who: Reads, given: Given, response: Response, language: In = "zh"
) -> SavedSearchAnswer:
    """Return one saved search."""
    found = await service.find_search(given, who, id, language=language)
    tagged(response, found.version)
    return found


@router.get("/saved-searches/{id}/openings", summary="List the openings that a search finds")
async def find_openings(
    id: SavedSearchId,
    who: Reads,
    given: Given,
    limit: Annotated[int, Query(ge=1, le=service.MOST_SHOWN)] = 20,
) -> FoundOpenings:
    """Return the newest open openings that meet the search, whether they were announced or not."""
    return await service.found_openings(given, who, id, limit=limit)


@router.put("/saved-searches/{id}", status_code=202, summary="Replace a saved search")
async def replace_search(
    id: SavedSearchId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    language: In = "zh",
) -> Accepted:
    """Replace the content; with other conditions, openings count as new from now on."""
    written = await service.replace_search(given, who, id, content, expected, language=language)
    return await _accepted(given, written, wait, response)


@router.patch("/saved-searches/{id}", status_code=202, summary="Rename or pause a search")
async def change_search(
    id: SavedSearchId,
    changes: Annotated[SavedSearchChanges, Body(examples=[{"paused": True}])],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Rename, pause or resume a search, or choose its notice; a pause announces nothing later."""
    written = await service.change_search(given, who, id, changes, expected)
    return await _accepted(given, written, wait, response)


@router.delete("/saved-searches/{id}", status_code=202, summary="Erase a saved search")
async def remove_search(
    id: SavedSearchId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Erase a search; messages about it that wait are not sent."""
    written = await service.remove_search(given, who, id, expected)
    return await _accepted(given, written, wait, response)


@router.get(
    "/search-end/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Show the page behind the link that ends a search",
)
async def show_end(search_id: Signed) -> HTMLResponse:
    """Show a button; opening the link changes nothing, since mail scanners open every link."""
    return end_page.confirmation_page()


@router.post(
    "/search-end/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="End a search by a link",
)
async def end_search(search_id: Signed, given: Given) -> HTMLResponse:
    """Pause the search for good; repeating the request changes nothing."""
    name, in_force = await service.end_by_link(given, search_id)
    return end_page.ended_page(name, in_force=in_force)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    where = f"/v1/saved-searches/{written.record.key}"
    return await answered(given, written, where, wait, response)
