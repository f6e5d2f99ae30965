"""Access policy: permissions of every role, and their reach. Pure.

A role holds a permission over all data, or over the data of the caller's stations, employer or
person. Data out of reach is answered as unknown (404), so that nobody can probe for ids. An action
that a role may never take is refused (403).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from api.access.permission_labels import label, labels
from api.access.principal import Principal
from api.access.refusals import PasswordToChange, SecondFactorToEnrol
from roost.errors import NotFound, Refused
from roost.events.account import AccountRole as R
from roost.events.account import Holder
from roost.events.account import Permission as P


class Forbidden(Refused):
    """The role or the key lacks the permission."""

    status = 403
    slug = "forbidden"
    title = "You do not have permission"
    title_zh = "没有权限"


class Reach(StrEnum):
    """Extent of a permission: all data, or the data of the caller's own stations, and so on."""

    ALL = "all"
    STATIONS = "stations"
    EMPLOYER = "employer"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Belonging:
    """Owners of an entity, which a reach is compared with."""

    employer_id: str | None = None
    worker_id: str | None = None
    station_ids: tuple[str, ...] = ()


_CLERK = {
    P.OPENINGS_READ,
    P.OPENINGS_WRITE,
    P.OPENINGS_APPROVE,
    P.EMPLOYERS_READ,
    P.EMPLOYERS_WRITE,
    P.PROFILES_READ,
    P.PROFILES_WRITE,
    P.MATCHES_READ,
    P.MATCHES_ACT,
    P.MATCHES_ASSIGN,
    P.INBOX_READ,
    P.INBOX_WRITE,
    P.NOTES_READ,
    P.NOTES_WRITE,
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

CHIEFS = frozenset({R.CHIEF, R.ASSOCIATION, R.ADMIN})
"""Roles that act as a station's chief."""

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
                P.EMPLOYERS_READ,
                P.EMPLOYERS_WRITE,
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
        frozenset(
            _CLERK
            | _WATCHES
            | {P.NOTICES_WRITE, P.STATIONS_WRITE, P.PROFILES_ERASE, P.SOURCES_READ, P.SOURCES_WRITE}
            | {P.REPLIES_FORWARD}
        ),
    ),
    R.DEPARTMENT: (
        Reach.ALL,
        frozenset(_WATCHES | {P.OPENINGS_WRITE, P.NOTICES_WRITE, P.SOURCES_READ}),
    ),
    R.AUDITOR: (Reach.ALL, frozenset({P.AUDIT_READ, P.OVERVIEW_READ, P.STATIONS_READ})),
    R.ADMIN: (Reach.ALL, frozenset(P)),
}


def permissions(who: Holder | Principal, scopes: Collection[P] = ()) -> frozenset[P]:
    """Return the permissions of a role, limited to the scopes of a key."""
    granted = GRANTS[who.role][1]
    limited = frozenset(scopes or getattr(who, "scopes", ()))
    return granted & limited if limited else granted


def check_may_give(who: Principal, given: Holder, scopes: Collection[P] = ()) -> None:
    """Raise Forbidden if the grant exceeds the granter's own permissions."""
    beyond = permissions(given, scopes) - permissions(who)
    if beyond:
        raise Forbidden(
            f"You cannot grant permissions that you do not have: {labels(beyond)}.",
            f"不能授予您自己没有的权限：{labels(beyond, 'zh')}。",
        )


def everywhere(who: Principal, permission: P) -> None:
    """Raise Forbidden unless the caller has the permission over all data."""
    if reach(who, permission) is not Reach.ALL:
        raise Forbidden(
            f"You do not have permission to {label(permission)} for the whole county; "
            "ask the association.",
            f"您没有在全县范围内{label(permission, 'zh')}的权限，请联系总会。",
        )


def check_admitted(who: Principal) -> None:
    """Raise PasswordToChange or SecondFactorToEnrol for a person who must do that first."""
    if who.must_change_password:
        raise PasswordToChange(
            "Change your initial password: POST /v1/me/password.",
            "请先修改初始密码：POST /v1/me/password。",
        )
    if who.must_enrol:
        raise SecondFactorToEnrol(
            "Your role needs a second factor: POST /v1/me/authenticator, with your password.",
            "您的角色须启用双重验证：请凭密码提交 POST /v1/me/authenticator。",
        )


def reach(who: Principal, permission: P) -> Reach:
    """Return the reach of the caller's permission.

    Raises Forbidden without the permission, and as `check_admitted` does.
    """
    check_admitted(who)
    granted_reach, granted = GRANTS[who.role]
    if permission not in granted or (who.scopes and permission not in who.scopes):
        raise Forbidden(
            f"You do not have permission to {label(permission)}; ask an administrator.",
            f"您没有{label(permission, 'zh')}的权限，如需此权限请联系管理员。",
        )
    return granted_reach


def may(who: Principal, permission: P) -> bool:
    """Return whether the caller has a permission now, whatever its reach."""
    try:
        reach(who, permission)
    except Refused:  # without the permission, or before the password is changed
        return False
    return True


def check(who: Principal, permission: P, owners: Belonging, what: str = "entry") -> None:
    """Raise Forbidden without the permission, NotFound if the entity is out of reach."""
    if not reaches(reach(who, permission), who, owners):
        raise NotFound(f"There is no such {what}.", "未找到。")


def reaches(how_far: Reach, who: Principal, owners: Belonging) -> bool:
    """Return whether an entity with these owners is within a reach."""
    match how_far:
        case Reach.ALL:
            return True
        case Reach.STATIONS:
            return not set(who.station_ids).isdisjoint(owners.station_ids)
        case Reach.EMPLOYER:
            return who.employer_id is not None and who.employer_id == owners.employer_id
        case Reach.SELF:
            return who.worker_id is not None and who.worker_id == owners.worker_id


def is_chief(who: Principal) -> bool:
    """Return whether a caller acts as a chief, also on what colleagues hold or wrote."""
    return who.role in CHIEFS
