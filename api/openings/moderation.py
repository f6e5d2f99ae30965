"""Decisions on openings: approve, refuse or take down with reasons, and appeals (ADR 80).

A decision against an employer names its reasons, reaches it on its channel, and can be appealed
once; another person decides on the appeal.
"""

from __future__ import annotations

from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.paging import every
from api.openings.opening_writes import Edited, write_existing
from api.openings.posting_rules import AWAITING, is_watched
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import OPENING, existing_fact
from api.writes.publishing import Written, write_fact
from producers import opening_decisions
from roost import ids
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningStatus, Refusal
from roost.topics import OPENINGS


async def approve_opening(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Approve an opening that waits for it, and with it its employer's other new ones.

    The words of its text that wait for review count as approved; those of the others still wait,
    and so do closed ones, and after a serious refusal all others. An opening whose employer has
    appealed is open again.

    Raises NotFound if it is absent or out of the caller's reach, PreconditionFailed, and Conflict
    if the caller refused it and would decide on the appeal.
    """
    employers = []

    def change(stored: Opening) -> Edited:
        employers.append(stored.hiring_organization.id)
        return opening_decisions.opening_approved(
            stored, at=given.clock.now(), decider=decider_of(who)
        )

    written = await write_existing(
        given, who, id, change, expected, permission=Permission.OPENINGS_APPROVE
    )
    if await is_watched(given, employers[0]):
        return written
    waiting = [{"term": {"employer_id": employers[0]}}, AWAITING]
    async for document in every(given.elastic, OPENINGS.name, waiting):
        refused = Opening.from_stored(document["fact"]).status is OpeningStatus.CLOSED
        if document["id"] != id and not refused:
            await _approve_too(given, document["id"])
    return written


async def _approve_too(given: Services, id: str) -> None:
    """Approve another opening of an employer that was approved a moment ago."""

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, OPENING, id)

    async def derive(current: CurrentFact) -> Record:
        stored = Opening.from_stored(current.fact)
        return opening_decisions.opening_approval_set(stored, awaiting=False, at=given.clock.now())[
            1
        ]

    await write_fact(given, OPENING, id, authorise, derive)


async def refuse_opening(
    given: Services,
    who: Principal,
    id: str,
    refusal: Refusal,
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Close an opening with reasons: one that waits is not published, another one is taken down.

    Reopened, it waits for approval. After an appeal the decision is final.

    Raises NotFound, PreconditionFailed, Conflict if the caller refused it and would decide on the
    appeal, and EndsProgress if it would end with more people in progress than `confirmed`.
    """

    def change(stored: Opening) -> Edited:
        return opening_decisions.opening_refused(
            stored, at=given.clock.now(), refusal=refusal, decider=decider_of(who)
        )

    return await write_existing(
        given,
        who,
        id,
        change,
        expected,
        permission=Permission.OPENINGS_APPROVE,
        confirmed=confirmed,
    )


async def appeal_opening(
    given: Services, who: Principal, id: str, text: str, expected: Expected = ANYTHING
) -> Written:
    """Object to the refusal of an opening.

    Raises NotFound, PreconditionFailed, and Conflict if there is nothing to object to.
    """

    def change(stored: Opening) -> Edited:
        return opening_decisions.opening_appealed(stored, text, at=given.clock.now())

    return await write_existing(given, who, id, change, expected)


def decider_of(who: Principal) -> str:
    """Return what a decision keeps of the person who made it: comparable, and no account id."""
    return ids.derive("d", who.id)
