"""Use cases of the audit log: entries by caller, object and time, and those about one worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.access import policy
from api.access.policy import Belonging
from api.access.principal import Principal
from api.audit.schemas import AuditEntries, about_filter, requests_only
from api.lists import clauses
from api.lists.paging import page
from api.lists.totals import exact_total
from api.ports.services import Services
from roost.events.account import AccountRole, Permission
from roost.events.audit import SecurityEventKind
from roost.security.networks import network_of
from roost.views.elastic import Json

NEWEST: list[Json] = [{"at": "desc"}]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Conditions of a list of audit entries; an empty one filters nothing."""

    by: str | None = None
    """Id of the account or key that acted."""
    object: str | None = None
    """Id of the entity that was read or changed."""
    since: datetime | None = None
    until: datetime | None = None
    """End of the period, not included."""
    event: SecurityEventKind | None = None
    """Kind of a security event."""
    login: str | None = None
    """Login as it was typed; entries hold its keyed hash."""
    network: str | None = None
    """IPv4 or IPv6 address, whose network is searched for."""


async def list_entries(
    given: Services,
    who: Principal,
    wanted: AuditFilter,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> AuditEntries:
    """Return a page of audit entries, newest first; an entry appears about a second late.

    Raises Forbidden without the permission to view the audit log, Invalid for a reversed period.
    """
    policy.reach(who, Permission.AUDIT_READ)
    clauses.check_order(("since", "until"), wanted.since, wanted.until)
    filters: list[Json] = []
    if wanted.by is not None:
        filters.append({"term": {"who": wanted.by}})
    if wanted.object is not None:
        filters.append(about_filter(wanted.object))
    if wanted.event is not None:
        filters.append({"term": {"event": wanted.event.value}})
    if wanted.login is not None:
        filters.append({"term": {"login_hash": given.security.login_hash(wanted.login)}})
    if wanted.network is not None:
        filters.append({"term": {"network": network_of(wanted.network.partition("/")[0])}})
    filters += clauses.since_before("at", wanted.since, wanted.until)
    return await _page(given, who, filters, limit, cursor, total=total)


async def list_entries_about(
    given: Services,
    who: Principal,
    worker_id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> AuditEntries:
    """Return a page of the entries about a worker, for the worker or an auditor.

    They remain after the worker has been erased. A worker's page names no other person. Raises
    Forbidden, and NotFound for another worker.
    """
    own = who.role is AccountRole.WORKER
    if own:
        policy.check(who, Permission.PROFILES_READ, Belonging(worker_id=worker_id), "worker")
    else:
        policy.reach(who, Permission.AUDIT_READ)
    filters = [about_filter(worker_id), *([requests_only()] if own else [])]
    entries = await _page(given, who, filters, limit, cursor, total=total)
    return entries.only_about(worker_id) if own else entries


async def _page(
    given: Services,
    who: Principal,
    filters: list[Json],
    limit: int,
    cursor: str | None,
    *,
    total: bool,
) -> AuditEntries:
    documents, following = await page(given, who.id, "audit", filters, NEWEST, limit, cursor)
    whole = await exact_total(given, "audit", filters, total=total)
    return AuditEntries.from_stored(
        {"items": [each["fact"] for each in documents], "next": following, "total": whole}
    )
