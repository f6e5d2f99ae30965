"""Use cases of openings: list, read, post, replace, edit, set the status, count the reach.

Endpoints, console pages and imports call these functions; every write is authorised here, against
the stored opening and against the opening after the write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.access import belonging
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists import clauses
from api.lists.documents import not_found
from api.lists.paging import Listing, listing
from api.lists.sparse import Fields
from api.openings.schemas import STATUS_CHANGES, Verb
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import OPENING, existing_fact, reference_taken
from api.writes.patching import patched
from api.writes.publishing import Derive, Written, write_fact
from producers import facts
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.places.gazetteer import gazetteer
from roost.views.elastic import Json

NEWEST: list[Json] = [{"posted_at": "desc"}]
NOT_PATCHABLE = ("id", "status", "source")


@dataclass(frozen=True, slots=True)
class OpeningFilter:
    """Conditions of a list of openings; an empty one filters nothing."""

    employer: str | None = None
    status: Sequence[OpeningStatus] | None = None
    place: str | None = None
    """Name or gazetteer key; includes every place within it."""
    occupation: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None
    title: str | None = None
    """Words of the title."""


async def list_openings(
    given: Services,
    who: Principal,
    wanted: OpeningFilter,
    *,
    limit: int,
    cursor: str | None = None,
    fields: Fields = None,
) -> Listing:
    """Return a page of the openings within the caller's reach, newest first."""
    filters = [
        *await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ),
        *clauses.equal("employer_id", wanted.employer),
        *clauses.one_of("status", wanted.status),
        *clauses.in_place("places", wanted.place, gazetteer()),
        *clauses.equal("occupations", wanted.occupation),
        *clauses.between("posted_at", wanted.posted_from, wanted.posted_to),
        *clauses.containing("title", wanted.title),
    ]
    return await listing(given.elastic, "openings", filters, NEWEST, limit, cursor, fields)


async def find_opening(given: Services, who: Principal, id: str) -> Json:
    """Return an opening's document. Raises NotFound if the caller may not read it."""
    return await belonging.opening(given, who, Permission.OPENINGS_READ, id)


async def post_opening(given: Services, who: Principal, content: OpeningContent) -> Written:
    """Post an opening; one with the same employer and reference is replaced.

    Raises Invalid, Unlawful, Forbidden for another employer's opening or a place the caller does
    not serve, and Conflict if the reference belongs to a stored opening the caller may not change.
    """
    opening, record = facts.opening_posted(content, at=given.clock.now(), today=given.today)
    await _authorise_result(given, who, opening)

    async def authorise(current: CurrentFact) -> None:
        if current.fact is not None and not await _may_write(given, who, _opening(current)):
            raise reference_taken("identifier")

    async def derive(current: CurrentFact) -> Record:
        return record

    return await write_fact(given, OPENING, opening.id, authorise, derive)


async def replace_opening(
    given: Services,
    who: Principal,
    id: str,
    content: OpeningContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Replace an opening's content; its status stays.

    Raises NotFound, PreconditionFailed, Invalid, Unlawful, Forbidden, and Conflict if it would
    become another employer's.
    """

    async def derive(current: CurrentFact) -> Record:
        return await _edited(given, who, _opening(current), content)

    return await _write_existing(given, who, id, derive, expected)


async def patch_opening(
    given: Services,
    who: Principal,
    id: str,
    changes: dict[str, Any],
    expected: Expected = ANYTHING,
) -> Written:
    """Apply a JSON Merge Patch (RFC 7396) to an opening. Raises as `replace_opening` does."""

    async def derive(current: CurrentFact) -> Record:
        stored = _opening(current)
        content = patched(OpeningContent, stored, changes, kept=NOT_PATCHABLE)
        return await _edited(given, who, stored, content)

    return await _write_existing(given, who, id, derive, expected)


async def set_opening_status(
    given: Services, who: Principal, id: str, verb: Verb, expected: Expected = ANYTHING
) -> Written:
    """Close, pause, fill or reopen an opening. Raises NotFound and PreconditionFailed."""

    async def derive(current: CurrentFact) -> Record:
        at = given.clock.now()
        return facts.opening_status_set(_opening(current), STATUS_CHANGES[verb].status, at=at)[1]

    return await _write_existing(given, who, id, derive, expected)


async def _write_existing(
    given: Services, who: Principal, id: str, derive: Derive, expected: Expected
) -> Written:
    """Write to a stored opening. Raises NotFound if it is absent or not the caller's to change."""

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, OPENING, id)
        if not await _may_write(given, who, _opening(current)):
            raise not_found(OPENING.what, OPENING.what_zh, id)

    return await write_fact(given, OPENING, id, authorise, derive, expected=expected)


def _opening(current: CurrentFact) -> Opening:
    return Opening.from_stored(current.fact)


async def _edited(
    given: Services, who: Principal, stored: Opening, content: OpeningContent
) -> Record:
    """Return the record of the edited opening. Raises Conflict if its employer would change."""
    if content.hiring_organization.id != stored.hiring_organization.id:
        message, message_zh = "the opening belongs to another employer", "该岗位属于其他用工单位"
        raise Conflict(
            f"hiringOrganization.id: {message}",
            f"hiringOrganization.id：{message_zh}",
            fields=(FieldError("hiringOrganization.id", message, message_zh),),
        )
    edited, record = facts.opening_edited(content, stored, at=given.clock.now())
    await _authorise_result(given, who, edited)
    return record


async def _authorise_result(given: Services, who: Principal, opening: Opening) -> None:
    """Raise Forbidden for another employer's opening, or a place outside the service area."""
    if not await _may_write(given, who, opening):
        raise Forbidden(
            "hiringOrganization.id: post openings of your own employer, or at a place that your "
            "station serves.",
            "hiringOrganization.id：只能发布本单位的岗位，或本站服务地区的岗位。",
        )


async def _may_write(given: Services, who: Principal, opening: Opening) -> bool:
    """Return whether the opening is within the caller's reach for writing."""
    key = opening.job_location.key
    return await belonging.within_reach(
        given,
        who,
        Permission.OPENINGS_WRITE,
        employer_id=opening.hiring_organization.id,
        places=gazetteer().ancestors(key) if key else (),
    )
