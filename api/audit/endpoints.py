"""Endpoints of the audit log: all entries for auditors, a worker's own for the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.access.requirements import ReadsAudit, Who
from api.audit import service
from api.audit.schemas import AuditEntries
from api.audit.service import AuditFilter
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.ports.services import Given
from roost.events.audit import SecurityEventKind
from roost.events.common import WorkerId

router = APIRouter(prefix="/v1", tags=["audit"])
Moment = Annotated[datetime | None, Query()]
Name = Annotated[str | None, Query(max_length=80, pattern=r"^[\w.:-]+$")]


@router.get("/audit", summary="List who read and changed what, and events of sign-in, newest first")
async def list_audit(
    given: Given,
    who: ReadsAudit,
    by: Annotated[Name, Query(description="an account's or a key's id")] = None,
    object: Annotated[Name, Query(description="id of the entity read or changed")] = None,
    since: Annotated[Moment, Query(description="from this moment on")] = None,
    until: Annotated[Moment, Query(description="before this moment")] = None,
    event: Annotated[
        SecurityEventKind | None, Query(description="events of authentication of one kind")
    ] = None,
    login: Annotated[
        str | None, Query(max_length=254, description="login as typed at a sign-in")
    ] = None,
    network: Annotated[
        str | None, Query(max_length=64, description="address, or network of a sign-in")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> AuditEntries:
    """Return entries, which hold ids and never data; one appears about a second late."""
    wanted = AuditFilter(by, object, since, until, event, login, network)
    return await service.list_entries(given, who, wanted, limit=limit, cursor=cursor, total=total)


@router.get("/profiles/{id}/audit", summary="List who has read or changed a worker's data")
async def list_audit_of_worker(
    id: WorkerId,
    given: Given,
    who: Who,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> AuditEntries:
    """Return the entries for the worker and for auditors, also after the worker's erasure."""
    return await service.list_entries_about(given, who, id, limit=limit, cursor=cursor, total=total)
