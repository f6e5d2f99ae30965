"""Who may do what: the one place. Pure; every route names the permission that it needs.

A role has a permission with a reach: over everything, or over what belongs to its own stations,
employer or person. What is out of reach looks as if it were not there (404), so that ids cannot be
tried out; what a role may never do is refused (403).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from api.access.principal import Principal
from roost.errors import NotFound, Refused
from roost.events.account import AccountRole as R
from roost.events.account import Holder
from roost.events.account import Permission as P


class Forbidden(Refused):
    status = 403
    slug = "forbidden"
    title = "You may not do this"
    title_zh = "没有权限"


class Reach(StrEnum):
    ALL = "all"
    STATIONS = "stations"
    EMPLOYER = "employer"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Belonging:
    """To whom a thing belongs: what a reach is compared with."""

    employer_id: str | None = None
    worker_id: str | None = None
    station_ids: tuple[str, ...] = ()


_CLERK = {
    P.OPENINGS_READ,
    P.OPENINGS_WRITE,
    P.PROFILES_READ,
    P.PROFILES_WRITE,
    P.MATCHES_READ,
    P.MATCHES_ACT,
    P.MATCHES_ASSIGN,
    P.INBOX_READ,
    P.INBOX_WRITE,
    P.STATIONS_READ,
    P.NOTIFICATIONS_READ,
    P.TEMPLATES_READ,
    P.OVERVIEW_READ,
    P.NOTICES_READ,
    P.CHANGES_READ,
}
_WATCHES = {
    P.CHANGES_READ,
    P.OPENINGS_READ,
    P.MATCHES_READ,
    P.STATIONS_READ,
    P.NOTICES_READ,
    P.TEMPLATES_READ,
    P.OVERVIEW_READ,
}

GRANTS: dict[R, tuple[Reach, frozenset[P]]] = {
    R.EMPLOYER: (
        Reach.EMPLOYER,
        frozenset(
            {
                P.OPENINGS_READ,
                P.OPENINGS_WRITE,
                P.MATCHES_READ,
                P.MATCHES_ACT,
                P.CHANGES_READ,
                P.WEBHOOKS_READ,
                P.WEBHOOKS_WRITE,
            }
        ),
    ),
    R.WORKER: (
        Reach.SELF,
        frozenset(
            {
                P.OPENINGS_READ,
                P.PROFILES_READ,
                P.PROFILES_WRITE,
                P.PROFILES_ERASE,
                P.MATCHES_READ,
                P.MATCHES_ACT,
                P.INBOX_READ,
                P.INBOX_WRITE,
            }
        ),
    ),
    R.CLERK: (Reach.STATIONS, frozenset(_CLERK)),
    R.CHIEF: (Reach.STATIONS, frozenset(_CLERK | {P.PROFILES_ERASE, P.NOTICES_WRITE})),
    R.ASSOCIATION: (
        Reach.ALL,
        frozenset(_CLERK | _WATCHES | {P.NOTICES_WRITE, P.STATIONS_WRITE, P.PROFILES_ERASE}),
    ),
    R.DEPARTMENT: (Reach.ALL, frozenset(_WATCHES | {P.OPENINGS_WRITE, P.NOTICES_WRITE})),
    R.AUDITOR: (Reach.ALL, frozenset({P.AUDIT_READ, P.OVERVIEW_READ, P.STATIONS_READ})),
    R.ADMIN: (Reach.ALL, frozenset(P)),
}


def permissions(who: Holder | Principal, scopes: Collection[P] = ()) -> frozenset[P]:
    """All that a role may, or a key of it within its scopes."""
    granted = GRANTS[who.role][1]
    limited = frozenset(scopes or getattr(who, "scopes", ()))
    return granted & limited if limited else granted


def check_may_give(who: Principal, given: Holder, scopes: Collection[P] = ()) -> None:
    """Nobody gives what they have not, to a key or an account. Raises Forbidden."""
    beyond = permissions(given, scopes) - permissions(who)
    if beyond:
        raise Forbidden(
            f"This would give {', '.join(sorted(beyond))}, which you do not have yourself.",
            "不能授予自己没有的权限。",
        )


def everywhere(who: Principal, permission: P) -> None:
    """Raises Forbidden when `who` has the permission not at all, or only for what is theirs."""
    if reach(who, permission) is not Reach.ALL:
        raise Forbidden(
            f"This needs the permission {permission} over everything; ask the association.",
            f"此操作需要对全部数据的权限 {permission}，请联系总会。",
        )


def reach(who: Principal, permission: P) -> Reach:
    """How far `who` has the permission. Raises Forbidden when not at all."""
    granted_reach, permissions = GRANTS[who.role]
    if permission not in permissions or (who.scopes and permission not in who.scopes):
        raise Forbidden(
            f"This needs the permission {permission}, which you do not have; ask an administrator.",
            f"此操作需要权限 {permission}，请联系管理员。",
        )
    return granted_reach


def check(who: Principal, permission: P, of: Belonging, what: str = "thing") -> None:
    """Raises Forbidden without the permission, NotFound for what is out of its reach."""
    if not reaches(reach(who, permission), who, of):
        raise NotFound(f"There is no such {what}.", "未找到。")


def reaches(how_far: Reach, who: Principal, of: Belonging) -> bool:
    match how_far:
        case Reach.ALL:
            return True
        case Reach.STATIONS:
            return not set(who.station_ids).isdisjoint(of.station_ids)
        case Reach.EMPLOYER:
            return who.employer_id is not None and who.employer_id == of.employer_id
        case Reach.SELF:
            return who.worker_id is not None and who.worker_id == of.worker_id
