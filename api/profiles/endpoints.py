"""Endpoints of workers' profiles: list, read, register, replace, erase, export, training."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.lists.answer_schemas import tagged_answer
from api.lists.documents import document_answer
from api.lists.paging import Cursor, Limit
from api.lists.sparse import Fields, sparse
from api.lists.totals import Total
from api.ports.services import Given
from api.profiles import address_confirmation, erasing, service
from api.profiles.export import Export
from api.profiles.known_people import PersonDecision, on_wire
from api.profiles.schemas import (
    EXAMPLES,
    LooksLike,
    NewConsent,
    ProfileAnswer,
    ProfileFact,
    ProfileFilter,
    ProfileListing,
    RegisteredWorker,
    SentCode,
    TypedCode,
)
from api.profiles.training_suggestions import TrainingList
from api.writes.ending import Confirmed
from api.writes.publishing import Accepted, Wait, Written, answered
from producers.people_search import MOST_PEOPLE
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.preferences import ChannelKind
from roost.events.profile import ProfileContent, ProfileStatus

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])
Content = Annotated[ProfileContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
Erases = Annotated[Principal, allow(Permission.PROFILES_ERASE)]
Chosen = Annotated[Fields, sparse(ProfileAnswer)]


@router.post("", status_code=202, summary="Register a worker")
async def post(
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    same_as: Annotated[
        WorkerId | None,
        Query(alias="sameAs", description="stored worker of `people` whom the content describes"),
    ] = None,
    different_from: Annotated[
        list[WorkerId] | None,
        Query(
            alias="differentFrom",
            max_length=MOST_PEOPLE,
            description="stored workers of `people` whom the content does not describe",
        ),
    ] = None,
    confirmed: Confirmed = 0,
) -> RegisteredWorker:
    """Register a worker, or edit the one with the same `identifier` and name.

    An edit keeps the status, the worker's choices and every field that is left out. An unchanged
    repeat publishes nothing and answers 200 with the current version.

    The id is derived from `identifier`, the worker's number in your roster. If that number belongs
    to a worker whom you may not change, the answer is 409. It is also 409 (`suppressed`) if the
    worker has been erased, until `POST /v1/profiles/{id}/consent` records a new consent.

    A number that is known within your reach under another name, with another telephone and home, or
    in another roster for a person who is alike, is refused with 409 (`known-person`), and so is a
    new number with the name and telephone of a stored worker; `people` names whom. Repeat the
    request with `sameAs`, which edits that worker and assigns the number to them, or with
    `differentFrom`. An answer names other workers who look like a new one in `looksLike`.

    If an edit ends matches in progress, `confirmEnds` is needed, as for `PUT /v1/profiles/{id}`.
    """
    decision = PersonDecision(same_as, frozenset(different_from or ()))
    registered = await service.register_worker(given, who, content, decision, confirmed=confirmed)
    answer = await _accepted(given, registered.written, wait, response)
    looks_like = tuple(LooksLike.model_validate(on_wire(each)) for each in registered.alike)
    return RegisteredWorker(**answer.model_dump(), looks_like=looks_like)


@router.get("", summary="List workers, newest first")
async def list_profiles(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    place: Annotated[
        str | None,
        Query(max_length=100, description="lives in this place or within it: a name or a key"),
    ] = None,
    home: Annotated[
        str | None, Query(max_length=100, description="home township: a name or a key")
    ] = None,
    occupation: Annotated[
        str | None, Query(max_length=64, description="code in the taxonomy")
    ] = None,
    status: ProfileStatus | None = None,
    identifier: Annotated[
        str | None, Query(min_length=1, max_length=300, description="number in any roster")
    ] = None,
    total: Total = False,
) -> ProfileListing:
    """Return the workers whom the caller serves; an absent filter filters nothing."""
    wanted = ProfileFilter(place, home, occupation, status, identifier)
    return await service.list_profiles(
        given, who, wanted, limit=limit, cursor=cursor, fields=fields, total=total
    )


@router.get("/{id}", summary="Read a profile", responses=tagged_answer())
async def read_profile(
    id: WorkerId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> ProfileFact:
    """Return one profile, or the requested fields of it."""
    return document_answer(await service.find_profile(given, who, id), response, fields)


@router.get("/{id}/training", summary="Suggest training, most requested skills first")
async def suggest_training(id: WorkerId, who: Reads, given: Given) -> TrainingList:
    """Return the skills that the worker's active matches ask for and the profile lacks."""
    return await service.suggest_training(given, who, id)


@router.put("/{id}", status_code=202, summary="Replace a profile")
async def replace(
    id: WorkerId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Replace a profile; `identifier`, if present, must equal the stored one.

    A worker who is paused, or demands more than an opening offers, leaves its match. If matches in
    progress end, the answer is 409 `ends-progress` with their number (`inProgress`); repeat the
    request with `confirmEnds` of that number.
    """
    written = await service.replace_profile(given, who, id, content, expected, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


@router.delete("/{id}", status_code=202, summary="Erase a worker")
async def erase(
    id: WorkerId,
    who: Erases,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
    confirmed: Confirmed = 0,
) -> Accepted:
    """Erase the worker from every view and, after compaction, from the topics.

    The worker's own preferences, stop, answered requests and accounts are erased as well. An
    interrupted request can be repeated. If the worker is in progress for openings and somebody else
    erases them, `confirmEnds` is needed (409 `ends-progress`).
    """
    written = await erasing.erase_worker(given, who, id, expected, confirmed=confirmed)
    return await _accepted(given, written, wait, response)


@router.post("/{id}/consent", status_code=202, summary="Record an erased worker's new consent")
async def consent(
    id: WorkerId,
    content: NewConsent,
    who: Annotated[Principal, allow(Permission.PROFILES_ERASE, everywhere=True)],
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Allow an erased worker to be registered and imported again.

    The record keeps the account, the time, the form and the day of the consent.
    """
    written = await erasing.record_consent(given, who, id, content.basis, content.consented_on)
    return await _accepted(given, written, wait, response)


@router.get("/{id}/export", summary="Export all data on a worker")
async def export(id: WorkerId, who: Erases, given: Given, response: Response) -> Export:
    """Return everything held on a worker, for the worker and for those who may erase it."""
    response.headers["content-disposition"] = f'attachment; filename="{id}.json"'
    return await service.export_worker(given, who, id)


@router.post("/{id}/channels/{kind}/code", status_code=202, summary="Send a code to an address")
async def send_code(id: WorkerId, kind: ChannelKind, who: Writes, given: Given) -> SentCode:
    """Send a code of six digits to the profile's unconfirmed address of this kind.

    It goes to that address alone, and is valid for ten minutes. At most three are sent in an hour.
    """
    sent = await address_confirmation.send_code(given, who, id, kind)
    return SentCode(kind=kind, address=sent.channel.address, valid_until=sent.valid_until)


@router.post("/{id}/channels/{kind}/confirm", status_code=202, summary="Confirm an address")
async def confirm_address(
    id: WorkerId,
    kind: ChannelKind,
    content: TypedCode,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Confirm the unconfirmed address of this kind with the newest code that was sent to it.

    It replaces the former addresses of the kind. Five codes may be tried for each one sent.
    """
    written = await address_confirmation.confirm_address(
        given, who, id, kind, content.code.get_secret_value()
    )
    return await _accepted(given, written, wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    return await answered(given, written, f"/v1/profiles/{written.record.key}", wait, response)
