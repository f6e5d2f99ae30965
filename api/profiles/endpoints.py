"""Workers' profiles: put, read, erase."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api.dependencies import Accepted, Given, Wait, accept, publish, shown, standing
from api.profiles.erasing import erased_with
from api.profiles.training import TrainingList, training
from producers import facts
from roost.errors import Conflict, FieldError
from roost.events.common import WorkerId
from roost.events.profile import ProfileContent
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


@router.post("", status_code=202, summary="Register a worker")
async def post(content: Content, given: Given, wait: Wait, response: Response) -> Accepted:
    """The id comes from `identifier`, the worker's number in your roster: posting again edits."""
    profile, record = facts.profile_put(content, at=given.clock.now())
    return await accept(given, record, f"/v1/profiles/{profile.id}", wait, response, created=True)


@router.get("/{id}", summary="Read a profile")
async def read(id: WorkerId, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "profiles", id, "worker", "人员"))


@router.get("/{id}/training", summary="What a worker could learn, most asked for first")
async def training_of(id: WorkerId, given: Given) -> TrainingList:
    """The skills that openings ask for and the worker does not name, among standing matches."""
    await standing(given.elastic, "profiles", id, "worker", "人员")
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
    id: WorkerId, content: Content, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Its number in the roster, where both name one, has to be the same person's."""
    known = (await standing(given.elastic, "profiles", id, "worker", "人员"))["fact"]
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
async def erase(id: WorkerId, given: Given, wait: Wait, response: Response) -> Accepted:
    """Erases the person from every view and, after compaction, from the topics.

    With them go their own preferences, their stop, and the answers to what they asked; these
    first, so that a request that was cut off can be made again.
    """
    await standing(given.elastic, "profiles", id, "worker", "人员")
    at = given.clock.now()
    await publish(given, await erased_with(given.elastic, id, at), wait)
    record = facts.profile_erased(id, at=at)
    return await accept(given, record, f"/v1/profiles/{id}", wait, response, created=False)
