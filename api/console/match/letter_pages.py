"""Letter of referral: a printed page that a worker brings to the employer.

The employer fills in its lower part and returns it, by the worker or as a photograph.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match.shown_workers import may_see_worker
from api.console.queue.queue_rows import place_name
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import wage
from api.console.shell.translations import say_in
from api.matches import service as matches
from api.matches.interviews import interview_details
from api.ports.services import Given
from roost.contact.sign_in_codes import sign_in_telephone
from roost.errors import Conflict, NotFound
from roost.events.account import Permission
from roost.events.common import MatchId
from roost.events.match import Match, MatchState
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.topics import OPENINGS, PROFILES, STATIONS

router = APIRouter(prefix="/console/matches", include_in_schema=False)
Staff = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
REFERRED = frozenset({MatchState.REFERRED, MatchState.INTERVIEWED, MatchState.PLACED})
"""States in which the worker has agreed that the employer learns who comes."""


@router.get("/{id}/letter")
async def show_letter(id: MatchId, request: Request, given: Given, who: Staff) -> Response:
    """Show the letter of a referred match, to print.

    Raises NotFound for a match or a worker out of reach, and Conflict before the referral.
    """
    match = Match.from_stored((await matches.find_match(given, who, id))["fact"])
    if match.state not in REFERRED:
        raise Conflict("Refer the worker first.", "请先将该人员推荐给单位。")
    keys = {
        "worker": (PROFILES.name, match.worker_id),
        "opening": (OPENINGS.name, match.opening_id),
        "station": (STATIONS.name, match.station_id or ""),
    }
    documents = await given.elastic.mget(list(keys.values()), ("fact",))
    facts = {name: documents.get(key, {}).get("fact") for name, key in keys.items()}
    profile, opening = facts["worker"], facts["opening"]
    if not profile or not opening:
        raise NotFound("The worker or the opening is erased.", "人员已注销或岗位已删除。")
    if not await may_see_worker(given, who, match, profile):
        raise NotFound("There is no such match.", "没有这条匹配。")
    worker, work = Profile.from_stored(profile), Opening.from_stored(opening)
    return page(
        request,
        "match/letter.html",
        match=match,
        worker=worker,
        telephone=sign_in_telephone(worker.channels),
        opening=work,
        place=place_name(opening.get("jobLocation")),
        wage=wage(opening.get("baseSalary"), say_in(spoken(request))),
        station=facts["station"],
        clerk=given.identities.name_of(match.assigned_to) if match.assigned_to else "",
        interview=await interview_details(given, match),
    )
