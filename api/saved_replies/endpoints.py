"""Endpoints of saved replies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.lists.answer_schemas import located_answer
from api.ports.services import Given
from api.saved_replies import service
from api.saved_replies.schemas import SavedReplies
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.saved_reply import SavedReply, SavedReplyContent, SavedReplyId

router = APIRouter(prefix="/v1", tags=["conversations"])
Reads = Annotated[Principal, allow(Permission.NOTES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTES_WRITE)]
OF_STATION = "/stations/{id}/saved-replies"


@router.get(OF_STATION, summary="List a station's saved replies")
async def list_replies(id: StationId, who: Reads, given: Given) -> SavedReplies:
    """Return the texts that the station's clerks send again and again, by title."""
    return SavedReplies(items=service.list_replies(given, who, id))


@router.post(OF_STATION, status_code=201, summary="Save a reply", responses=located_answer(201))
async def add_reply(
    id: StationId, content: SavedReplyContent, who: Writes, given: Given, response: Response
) -> SavedReply:
    """Save a reply under a title that no other of the station has; at most 50 are kept."""
    saved = await service.add_reply(given, who, id, content)
    response.headers["location"] = f"/v1/saved-replies/{saved.id}"
    return saved


@router.get("/saved-replies/{id}", summary="Read a saved reply")
async def read_reply(id: SavedReplyId, who: Reads, given: Given) -> SavedReply:
    """Return a saved reply."""
    return service.find_reply(given, who, id)


@router.put("/saved-replies/{id}", summary="Replace a saved reply")
async def change_reply(
    id: SavedReplyId, content: SavedReplyContent, who: Writes, given: Given
) -> SavedReply:
    """Replace the title and the text."""
    return await service.change_reply(given, who, id, content)


@router.delete("/saved-replies/{id}", status_code=204, summary="Remove a saved reply")
async def remove_reply(id: SavedReplyId, who: Writes, given: Given) -> None:
    """Remove a saved reply; messages that were sent with it stay as they are."""
    await service.remove_reply(given, who, id)
