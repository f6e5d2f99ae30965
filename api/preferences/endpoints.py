"""How a worker wants to be told: read, choose, snooze, go back to what the profile says."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import Expected, IfMatch, digest_of, tagged
from api.ports.services import Given, Services
from api.preferences.effective_preferences import in_force
from api.preferences.schemas import InForce, Snooze
from api.writes.publishing import Accepted, Wait, accept
from producers import facts
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


@router.get("/preferences", summary="How a worker is told, and who says so")
async def read(id: WorkerId, who: Reads, given: Given, response: Response) -> InForce:
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    found = await in_force(given.elastic, id)
    tagged(response, digest_of(found))
    return found


@router.put("/preferences", status_code=202, summary="A worker chooses how to be told")
async def choose(
    id: WorkerId,
    content: Annotated[Preferences, Body(openapi_examples=EXAMPLES)],
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Holds over what the profile says, and no import of a roster undoes it."""
    await belonging.profile(given, who, Permission.PROFILES_WRITE, id)
    await _check(given, id, expected)
    return await _chosen(given, id, content, wait, response)


@router.delete("/preferences", status_code=202, summary="Back to what the profile says")
async def go_back(
    id: WorkerId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    await belonging.profile(given, who, Permission.PROFILES_WRITE, id)
    await _check(given, id, expected)
    record = facts.preferences_erased(id, at=given.clock.now())
    where = f"/v1/profiles/{id}/preferences"
    return await accept(given, record, where, wait, response, created=False)


@router.post("/snooze", status_code=202, summary="Nothing that is not urgent for some hours")
async def snooze(
    id: WorkerId,
    asked: Annotated[Snooze, Body(examples=[{"hours": 8}])],
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """The preferences in force become the worker's own, with the end of the snooze."""
    await belonging.profile(given, who, Permission.PROFILES_WRITE, id)
    now = (await in_force(given.elastic, id)).preferences
    until = given.clock.now() + timedelta(hours=asked.hours) if asked.hours else None
    content = now.model_copy(update={"snoozed_until": until})
    return await _chosen(given, id, content, wait, response)


async def _check(given: Services, id: str, expected: Expected) -> None:
    """Raises PreconditionFailed when others are in force than were read."""
    if expected.tags is not None:
        expected.check(digest_of(await in_force(given.elastic, id)))


async def _chosen(
    given: Services, id: str, content: Preferences, wait: float, response: Response
) -> Accepted:
    _, record = facts.preferences_chosen(content, id, at=given.clock.now())
    where = f"/v1/profiles/{id}/preferences"
    return await accept(given, record, where, wait, response, created=False)
