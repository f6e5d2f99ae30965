"""Endpoints of notification preferences: read, choose, snooze, return to the profile's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch, digest_of, tagged
from api.lists.answer_schemas import tagged_answer
from api.ports.services import Given
from api.preferences import service
from api.preferences.schemas import EffectivePreferences, Snooze
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.preferences import Preferences

router = APIRouter(prefix="/v1/profiles/{id}", tags=["preferences"])
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
EXAMPLES: Any = {
    "zh": {
        "summary": "只收短信，晚间不打扰",
        "value": {
            "mutedKinds": ["policy_news"],
            "channelsByKind": {"interview_set": ["sms", "inbox"]},
            "quietHours": {"begins": "21:00", "ends": "08:00"},
            "digest": {"pace": "daily", "at": "12:00"},
        },
    }
}


@router.get(
    "/preferences", summary="Read a worker's notification preferences", responses=tagged_answer()
)
async def read_preferences(
    id: WorkerId, who: Reads, given: Given, response: Response
) -> EffectivePreferences:
    """Return the preferences in force, and whether they are the worker's own."""
    found = await service.find_preferences(given, who, id)
    tagged(response, digest_of(found))
    return found


@router.put("/preferences", status_code=202, summary="Set a worker's own preferences")
async def choose(
    id: WorkerId,
    content: Annotated[Preferences, Body(openapi_examples=EXAMPLES)],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Set preferences that override the profile's; importing a roster does not change them."""
    written = await service.choose_preferences(given, who, id, content, expected)
    return await _accepted(given, written, wait, response)


@router.delete("/preferences", status_code=202, summary="Return to the profile's preferences")
async def go_back(
    id: WorkerId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Remove the worker's own preferences."""
    written = await service.remove_preferences(given, who, id, expected)
    return await _accepted(given, written, wait, response)


@router.post("/snooze", status_code=202, summary="Hold notifications that are not urgent")
async def snooze(
    id: WorkerId,
    request: Annotated[Snooze, Body(examples=[{"hours": 8}])],
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Make the preferences in force the worker's own, with the end of the snooze."""
    written = await service.snooze_notifications(given, who, id, request.hours)
    return await _accepted(given, written, wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    where = f"/v1/profiles/{written.record.key}/preferences"
    return await answered(given, written, where, wait, response)
