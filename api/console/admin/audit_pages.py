"""The audit trail, searched by an auditor: who saw and changed what."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api.audit import endpoints as audit
from api.audit.endpoints import Audits
from api.console.shell.rendering import page
from api.ports.services import Given, Services

router = APIRouter(prefix="/console/admin/audit", include_in_schema=False)
HERE = "/console/admin/audit"
AT_ONCE = 50
Name = Annotated[str, Query(max_length=80, pattern=r"^[\w.:-]*$")]


@router.get("")
async def search(
    request: Request,
    who: Audits,
    given: Given,
    by: Name = "",
    object: Name = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    zone = given.settings.time_zone
    found = await audit.list_audit(
        given=given,
        who=who,
        by=by_of(given, by),
        object=object or None,
        since=begins(first, zone),
        until=begins(last, zone, days=1),
        limit=AT_ONCE,
        cursor=cursor,
    )
    more = request.url.include_query_params(cursor=found.next)
    return page(
        request,
        "admin/audit.html",
        entries=found.items,
        names=names_of(given, [each.who for each in found.items if each.who]),
        asked={"by": by, "object": object, "from": first, "to": last},
        more=f"{more.path}?{more.query}" if found.next else None,
    )


def by_of(given: Services, said: str) -> str | None:
    """An account may be named by its login."""
    if not said or said.startswith(("u-", "k-")):
        return said or None
    mine = (each for each in given.identities.accounts.values() if each.login == said.lower())
    account = next(mine, None)
    return account.id if account else said


def names_of(given: Services, ids: list[str]) -> dict[str, str]:
    """What accounts and keys are called; those that are gone keep their ids."""
    found = {}
    for id in dict.fromkeys(ids):
        known = given.identities.accounts.get(id) or given.identities.keys.get(id)
        found[id] = known.name if known else id
    return found


def begins(day: str, zone: str, *, days: int = 0) -> datetime | None:
    """When a day begins in the county; None for what is no day."""
    try:
        said = date.fromisoformat(day) + timedelta(days=days)
    except ValueError:
        return None
    return datetime.combine(said, time(), ZoneInfo(zone))
