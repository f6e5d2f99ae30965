"""The one way of writing to a stored opening: authorised before and after, and asked about ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from api.access import belonging, policy
from api.access.policy import Belonging
from api.access.principal import Principal
from api.guards.conditional import Expected
from api.lists.documents import not_found
from api.openings.posting_rules import LIVE, out_of_reach, reserve_place, rules_for
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import OPENING, existing_fact, parsed_once
from api.writes.ending import check_opening_ends
from api.writes.off_loop import off_loop
from api.writes.publishing import Written, write_fact
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.opening import Opening
from roost.places.gazetteer import gazetteer
from roost.views.elastic import Json

Edited: TypeAlias = tuple[Opening, Record]
"""An opening after a write, and the record that publishes it."""


async def write_existing(
    given: Services,
    who: Principal,
    id: str,
    change: Callable[[Opening], Edited],
    expected: Expected,
    *,
    permission: Permission = Permission.OPENINGS_WRITE,
    confirmed: int = 0,
    reopens: bool = False,
) -> Written:
    """Write to a stored opening; the caller's reach must cover it before and after the change.

    One that `reopens` needs a place in the quota again, unless it is open or paused.

    Raises NotFound if the opening is absent or out of reach, Forbidden if the result is,
    EndsProgress if the change ends it with more people in progress than `confirmed`, and
    QuotaReached.
    """
    may_write = await writable_by(given, who, permission)
    stored_opening = parsed_once(Opening)

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, OPENING, id)
        stored = stored_opening(current)
        if not may_write(stored):
            raise not_found(OPENING.what, OPENING.what_zh, id)
        if reopens and stored.status not in LIVE:
            await reserve_place(given, who, await rules_for(given, who, may_write), id)

    async def derive(current: CurrentFact) -> Record:
        stored = stored_opening(current)
        edited, record = await off_loop(lambda: change(stored))
        if not may_write(edited):
            raise out_of_reach()
        await check_ends(given, who, stored, edited, confirmed)
        return record

    return await write_fact(given, OPENING, id, authorise, derive, expected=expected)


async def check_ends(
    given: Services, who: Principal, stored: Opening, edited: Opening, confirmed: int
) -> None:
    """Raise EndsProgress if an edit ends more matches in progress than the caller has confirmed."""

    async def may_read(id: str, fact: Json) -> bool:
        permission = Permission.PROFILES_READ
        return policy.may(who, permission) and await belonging.reaches_worker(
            given, who, permission, id, fact
        )

    await check_opening_ends(given, stored, edited, confirmed, may_read)


async def writable_by(
    given: Services, who: Principal, permission: Permission = Permission.OPENINGS_WRITE
) -> Callable[[Opening], bool]:
    """Return the test whether an opening is within the caller's reach for writing."""
    how_far = policy.reach(who, permission)
    stations = await belonging.serves(given, who) if how_far is policy.Reach.STATIONS else {}

    def may_write(opening: Opening) -> bool:
        key = opening.job_location.key
        places = gazetteer().ancestors(key) if key else ()
        serving = belonging.serving(stations, places)
        owner = Belonging(employer_id=opening.hiring_organization.id, station_ids=serving)
        return policy.reaches(how_far, who, owner)

    return may_write
