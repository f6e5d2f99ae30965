"""Endpoints of manual matching: openings for a worker, workers for an opening, proposals."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.finding import proposing, service
from api.finding.schemas import (
    FittingOpenings,
    FittingWorkers,
    NewProposal,
    ProposalFact,
    Wanted,
)
from api.guards.idempotency.key_header import Key, Repeatable
from api.matches.match_answers import match_answer
from api.matches.schemas import DECIDED
from api.ports.services import Given
from api.writes.publishing import Wait
from roost.events.account import Permission
from roost.events.common import OpeningId, Shift, WorkerId

router = APIRouter(prefix="/v1", tags=["manual matching"])
Staff = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
MOST_SHOWN = 50
EXAMPLE = {
    "openingId": f"o-{'a' * 26}",
    "workerId": f"w-{'b' * 26}",
    "why": "at_counter",
    "waives": ["wage"],
    "refer": True,
}


def wanted_pairs(
    q: Annotated[
        str | None,
        Query(
            max_length=100,
            description="words of titles, employers, skills; of workers: wanted work, skills",
        ),
    ] = None,
    place: Annotated[
        str | None, Query(max_length=300, description="name or key; includes places within it")
    ] = None,
    within_km: Annotated[
        float | None,
        Query(alias="withinKm", gt=0, le=5_000, description="from the worker's current place"),
    ] = None,
    wage: Annotated[
        float | None,
        Query(ge=0, le=100_000_000, description="a month: least paid, or most that is wished for"),
    ] = None,
    occupation: Annotated[
        str | None, Query(max_length=64, description="key of the taxonomy, e.g. `zh:6-29-01-01`")
    ] = None,
    shift: Shift | None = None,
    lodging: Annotated[
        bool, Query(description="openings with lodging, or workers who need none")
    ] = False,
    near_home: Annotated[
        bool, Query(alias="nearHome", description="work near the worker's home")
    ] = False,
    employer: Annotated[
        str | None, Query(max_length=64, description="openings of this employer's id")
    ] = None,
    blocked: Annotated[
        bool, Query(description="also pairs that a wish or a licence keeps apart; they name it")
    ] = False,
) -> Wanted:
    """Return the conditions of a search for pairs."""
    return Wanted(
        words=q,
        place=place,
        within_km=within_km,
        wage=wage,
        occupation=occupation,
        shift=shift,
        lodging=lodging,
        near_home=near_home,
        employer=employer,
        blocked=blocked,
    )


Conditions = Annotated[Wanted, Depends(wanted_pairs)]
Shown = Annotated[int, Query(ge=1, le=MOST_SHOWN, description="most pairs to return")]


@router.get("/profiles/{id}/fitting-openings", summary="Find openings for a worker")
async def find_openings(
    id: WorkerId, who: Staff, given: Given, wanted: Conditions, limit: Shown = 20
) -> FittingOpenings:
    """Return the open openings that fit a worker, best first, as matching ranks them.

    `q`, `occupation` and `employer` name the work: then openings of other work are shown too.
    With few openings, `wouldHelp` says what would give more, one changed condition at a time.
    At most 60 openings are compared.
    """
    return await service.find_openings(given, who, id, wanted, limit=limit)


@router.get("/openings/{id}/fitting-workers", summary="Find workers for an opening")
async def find_workers(
    id: OpeningId, who: Staff, given: Given, wanted: Conditions, limit: Shown = 20
) -> FittingWorkers:
    """Return the workers within the caller's reach who fit an opening, best first.

    Every worker in the answer is recorded in the audit log. `employer` filters nothing here.
    With few workers, `wouldHelp` says what would give more, one changed condition at a time.
    """
    return await service.find_workers(given, who, id, wanted, limit=limit)


@router.post(
    "/matches",
    status_code=202,
    summary="Propose a pair by hand",
    responses=DECIDED,
    dependencies=[Repeatable],
)
async def propose(
    asked: Annotated[NewProposal, Body(examples=[EXAMPLE])],
    given: Given,
    who: Staff,
    wait: Wait,
    response: Response,
    key: Key = None,
) -> ProposalFact:
    """Propose a pair, and with `refer` refer the worker at once; the caller is the author.

    The limits of the day do not forbid it; the match counts and names the limit it exceeds
    (`byHand.over`). Blocking wishes of the worker must be waived by name. An opening that is not
    open, a worker who looks for no work and a missing licence are refused (409). Without a key, the
    same proposal by the same person on the same state of the pair is one.
    """
    outcome = await proposing.propose(given, who, asked, seed=key, wait_s=wait)
    response.headers["location"] = f"/v1/matches/{outcome.match_id}"
    if outcome.decided is None:
        return {
            "id": outcome.match_id,
            "proposal": outcome.id,
            "at": outcome.at.isoformat(),
            "self": f"/v1/matches/{outcome.match_id}",
        }
    response.status_code = 200
    return await match_answer(given, who, outcome.decided)
