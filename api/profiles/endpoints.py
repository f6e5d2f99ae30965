"""Workers' profiles: put, read, erase."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api import belonging
from api.dependencies import Accepted, Given, Services, Wait, accept, publish, shown
from api.identity.asking import allow
from api.identity.principal import Principal
from api.policy import Forbidden
from api.profiles.erasing import erased_with
from api.profiles.training import TrainingList, training
from producers import facts
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.profile import Profile, ProfileContent
from roost.places import gazetteer
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])
MOST_MATCHES = 500
"""The best that training is suggested from; far more than anybody has at a time."""
EXAMPLES: Any = {
    "zh": {
        "summary": "电焊工",
        "value": {
            "identifier": "A-1024",
            "name": "示例人员",
            "skills": ["焊接", "切割"],
            "licences": ["焊工证"],
            "occupationsWanted": ["电焊工"],
            "experienceYears": 6,
            "education": "junior",
            "wageWanted": {"currency": "CNY", "minValue": 7000, "unitText": "MONTH"},
            "home": {"name": "岭泉镇"},
            "location": {"name": "北京市丰台区"},
            "willing": {"places": ["北京市", "天津市"]},
        },
    }
}
Content = Annotated[ProfileContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
Erases = Annotated[Principal, allow(Permission.PROFILES_ERASE)]


@router.post("", status_code=202, summary="Register a worker")
async def post(
    content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """The id comes from `identifier`, the worker's number in your roster: posting again edits."""
    profile, record = facts.profile_put(content, at=given.clock.now())
    await _check_theirs(given, who, profile)
    return await accept(given, record, f"/v1/profiles/{profile.id}", wait, response, created=True)


@router.get("/{id}", summary="Read a profile")
async def read(id: WorkerId, who: Reads, given: Given) -> dict[str, Any]:
    return shown(await belonging.profile(given, who, Permission.PROFILES_READ, id))


@router.get("/{id}/training", summary="What a worker could learn, most asked for first")
async def training_of(id: WorkerId, who: Reads, given: Given) -> TrainingList:
    """The skills that openings ask for and the worker does not name, among standing matches."""
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    body: Json = {
        "size": MOST_MATCHES,
        "_source": ["fact.openingId", "fact.missingSkills"],
        "sort": [{"score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {"worker_id": id}}, {"term": {"active": True}}]}},
    }
    page = await given.elastic.search("matches", body)
    return training(hit.source["fact"] for hit in page.hits)


@router.put("/{id}", status_code=202, summary="Replace a profile")
async def replace(
    id: WorkerId, content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Its number in the roster, where both name one, has to be the same person's."""
    known = (await belonging.profile(given, who, Permission.PROFILES_WRITE, id))["fact"]
    if content.identifier and known.get("identifier", content.identifier) != content.identifier:
        message, message_zh = "the profile belongs to another worker", "该档案属于其他人员"
        raise Conflict(
            f"identifier: {message}",
            f"identifier：{message_zh}",
            fields=(FieldError("identifier", message, message_zh),),
        )
    _, record = facts.profile_put(content, at=given.clock.now(), id=id, source=known["source"])
    return await accept(given, record, f"/v1/profiles/{id}", wait, response, created=False)


@router.delete("/{id}", status_code=202, summary="Erase a worker")
async def erase(
    id: WorkerId, who: Erases, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Erases the person from every view and, after compaction, from the topics.

    With them go their own preferences, their stop, and the answers to what they asked; these
    first, so that a request that was cut off can be made again.
    """
    await belonging.profile(given, who, Permission.PROFILES_ERASE, id)
    at = given.clock.now()
    await publish(given, await erased_with(given.elastic, id, at), wait)
    record = facts.profile_erased(id, at=at)
    return await accept(given, record, f"/v1/profiles/{id}", wait, response, created=False)


async def _check_theirs(given: Services, who: Principal, profile: Profile) -> None:
    """Raises Forbidden for a new worker who is neither they nor one whom their stations serve."""
    keys = [place.key for place in (profile.location, profile.home) if place.key]
    await belonging.check_posted(
        given,
        who,
        Permission.PROFILES_WRITE,
        worker_id=profile.id,
        places=[outer for key in keys for outer in gazetteer().ancestors(key)],
        refusal=Forbidden(
            "location: register workers who live or are at home where your station serves.",
            "location：只能登记本站服务地区的人员。",
        ),
    )
