"""Endpoints of sources of openings, for the association and administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.lists.answer_schemas import located_answer
from api.ports.services import Given
from api.sources import service
from api.sources.schemas import EXAMPLES, NewSource, SourceDetails, SourceList, source_details
from roost.events.account import Permission
from roost.events.source import Source, SourceId

router = APIRouter(prefix="/v1/sources", tags=["sources"])
Reads = Annotated[Principal, allow(Permission.SOURCES_READ, everywhere=True)]
Writes = Annotated[Principal, allow(Permission.SOURCES_WRITE, everywhere=True)]
Content = Annotated[NewSource, Body(openapi_examples=EXAMPLES)]


@router.get("", summary="List sources of openings")
async def list_sources(who: Reads, given: Given) -> SourceList:
    """Return every source with its last runs, by name."""
    found = service.list_sources(given, who)
    return SourceList(items=tuple(source_details(*each) for each in found))


@router.post("", status_code=201, summary="Add a source", responses=located_answer(201))
async def add_source(content: Content, who: Writes, given: Given, response: Response) -> Source:
    """Add a source; it is read at once, and then on its schedule."""
    source = await service.add_source(given, who, content)
    response.headers["location"] = f"/v1/sources/{source.id}"
    return source


@router.get("/{id}", summary="Read a source and its last runs")
async def read_source(id: SourceId, who: Reads, given: Given) -> SourceDetails:
    """Return a source with its state."""
    return source_details(*service.find_source(given, who, id))


@router.put("/{id}", summary="Replace the definition of a source")
async def change_source(id: SourceId, content: Content, who: Writes, given: Given) -> Source:
    """Replace the definition; a changed source is read at once."""
    return await service.change_source(given, who, id, content)


@router.post("/{id}/run", status_code=202, summary="Read a source at once")
async def request_run(id: SourceId, who: Writes, given: Given) -> Source:
    """Ask for a run; its outcome is shown in the state."""
    return await service.request_run(given, who, id)


@router.post("/{id}/confirm", status_code=202, summary="Confirm withdrawals that wait")
async def confirm_withdrawals(id: SourceId, who: Writes, given: Given) -> Source:
    """Let the next run, which follows at once, close as many advertisements as wait now."""
    return await service.confirm_withdrawals(given, who, id)


@router.delete("/{id}", status_code=204, summary="Remove a source")
async def remove_source(id: SourceId, who: Writes, given: Given) -> None:
    """Remove a source; its openings stay as they are."""
    await service.remove_source(given, who, id)
