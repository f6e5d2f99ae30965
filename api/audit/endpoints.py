"""Who saw and changed what: for an auditor; and for a worker, who has seen their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.access import policy
from api.access.policy import Belonging
from api.access.principal import Principal
from api.access.requirements import Who, allow
from api.audit.schemas import Trailing, of_object
from api.lists.paging import Cursor, Limit, page
from api.ports.services import Given
from roost.events.account import AccountRole, Permission
from roost.events.common import WorkerId
from roost.views.elastic import Elastic, Json

router = APIRouter(prefix="/v1", tags=["audit"])
Audits = Annotated[Principal, allow(Permission.AUDIT_READ)]
Moment = Annotated[datetime | None, Query()]
Name = Annotated[str | None, Query(max_length=80, pattern=r"^[\w.:-]+$")]


@router.get("/audit", summary="Who saw and changed what, newest first")
async def list_audit(
    given: Given,
    who: Audits,
    by: Annotated[Name, Query(description="an account's or a key's id")] = None,
    object: Annotated[Name, Query(description="id of what was seen or changed")] = None,
    since: Annotated[Moment, Query(description="from this moment on")] = None,
    until: Annotated[Moment, Query(description="before this moment")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Trailing:
    """Entries hold ids, never data. One is findable about a second after its request."""
    filters: list[Json] = []
    if by is not None:
        filters.append({"term": {"who": by}})
    if object is not None:
        filters.append(of_object(object))
    if since or until:
        bounds = {"gte": since and since.isoformat(), "lt": until and until.isoformat()}
        filters.append({"range": {"at": {name: at for name, at in bounds.items() if at}}})
    return await _listed(given.elastic, filters, limit, cursor)


@router.get("/profiles/{id}/audit", summary="Who has seen or changed a worker's data")
async def audit_of(
    id: WorkerId, given: Given, who: Who, limit: Limit = 50, cursor: Cursor = None
) -> Trailing:
    """For the worker themself, and for auditors; also after the worker has been erased."""
    if who.role is AccountRole.WORKER:
        policy.check(who, Permission.PROFILES_READ, Belonging(worker_id=id), "worker")
    else:
        policy.reach(who, Permission.AUDIT_READ)
    found = await _listed(given.elastic, [of_object(id)], limit, cursor)
    return found if who.role is not AccountRole.WORKER else found.about(id)


async def _listed(
    elastic: Elastic, filters: list[Json], limit: int, cursor: str | None
) -> Trailing:
    documents, following = await page(elastic, "audit", filters, [{"at": "desc"}], limit, cursor)
    return Trailing.from_stored({"items": [each["fact"] for each in documents], "next": following})
