"""Workers' profiles: put, read, erase."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access import belonging
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.lists import clauses
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit, Listing, listing
from api.lists.sparse import Fields, sparse
from api.ports.services import Given, Services
from api.profiles.erasing import erased_with, signing_in
from api.profiles.export import Export, exported
from api.profiles.training_suggestions import TrainingList, training
from api.writes.editing import PROFILE
from api.writes.publishing import Accepted, Wait, accept, edit, publish_together
from producers import facts
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.envelope import Record
from roost.events.profile import Profile, ProfileContent, ProfileStatus
from roost.places.gazetteer import gazetteer
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
Chosen = Annotated[Fields, sparse(Profile)]
NEWEST: list[Json] = [{"posted_at": "desc"}]


@router.post("", status_code=202, summary="Register a worker")
async def post(
    content: Content, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """The id comes from `identifier`, the worker's number in your roster: posting again edits."""
    profile, record = facts.profile_put(content, at=given.clock.now())
    await _check_theirs(given, who, profile)
    return await accept(given, record, f"/v1/profiles/{profile.id}", wait, response, created=True)


@router.get("", summary="List workers, newest first")
async def list_profiles(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    place: Annotated[
        str | None, Query(max_length=100, description="lives there or within: a name, or a key")
    ] = None,
    home: Annotated[
        str | None, Query(max_length=100, description="home township: a name, or a key")
    ] = None,
    occupation: Annotated[
        str | None, Query(max_length=64, description="code that the taxonomy gives it")
    ] = None,
    status: ProfileStatus | None = None,
) -> Listing:
    """Those whom they serve; a filter that is not given filters nothing."""
    filters = [
        *await belonging.profiles_within_reach(given, who, Permission.PROFILES_READ),
        *clauses.in_place("places", place, gazetteer()),
        *clauses.in_place("home", home, gazetteer()),
        *clauses.equal("occupations", occupation),
        *clauses.equal("active", None if status is None else status is ProfileStatus.ACTIVE),
    ]
    return await listing(given.elastic, "profiles", filters, NEWEST, limit, cursor, fields)


@router.get("/{id}", summary="Read a profile")
async def read(
    id: WorkerId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> dict[str, Any]:
    document = await belonging.profile(given, who, Permission.PROFILES_READ, id)
    return document_answer(document, response, fields)


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
    id: WorkerId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Its number in the roster, where both name one, has to be the same person's."""
    await belonging.profile(given, who, Permission.PROFILES_WRITE, id)

    async def change(known: dict[str, Any]) -> Record:
        if content.identifier and known.get("identifier", content.identifier) != content.identifier:
            message, message_zh = "the profile belongs to another worker", "该档案属于其他人员"
            raise Conflict(
                f"identifier: {message}",
                f"identifier：{message_zh}",
                fields=(FieldError("identifier", message, message_zh),),
            )
        source = known["source"]
        return facts.profile_put(content, at=given.clock.now(), id=id, source=source)[1]

    return await edit(given, PROFILE, id, expected, change, wait, response)


@router.delete("/{id}", status_code=202, summary="Erase a worker")
async def erase(
    id: WorkerId,
    who: Erases,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Erases the person from every view and, after compaction, from the topics.

    With them go their own preferences, their stop, the answers to what they asked, and last their
    account: so a request that was cut off can be made again.
    """
    await belonging.profile(given, who, Permission.PROFILES_ERASE, id)

    async def change(known: dict[str, Any]) -> Record:
        at = given.clock.now()
        await publish_together(given, await erased_with(given.elastic, id, at), 0)
        return facts.profile_erased(id, at=at)

    accepted = await edit(given, PROFILE, id, expected, change, wait, response)
    gone = signing_in(given.identities, id, given.clock.now())
    await given.publisher.publish(gone)
    return accepted


@router.get("/{id}/export", summary="All that is held on a worker")
async def export(id: WorkerId, who: Erases, given: Given, response: Response) -> Export:
    """For the worker themself, and for those who may erase it on their behalf."""
    profile = await belonging.profile(given, who, Permission.PROFILES_ERASE, id)
    response.headers["content-disposition"] = f'attachment; filename="{id}.json"'
    return await exported(given, profile)


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
