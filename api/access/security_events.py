"""Events of authentication for the audit log: of sign-ins, and of refused requests."""

from __future__ import annotations

from api.access.client_address import Origin
from api.access.principal import Principal
from api.ports.services import SecurityEvent, Services
from roost.events.account import Account
from roost.events.audit import SecurityEventKind as Kind
from roost.events.audit import Touched


def note_sign_in(
    given: Services,
    kind: Kind,
    cause: str,
    login: str | None,
    origin: Origin,
    account: Account | None = None,
    *,
    status: int = 401,
    objects: tuple[Touched, ...] = (),
) -> None:
    """Record the outcome of a sign-in; `account` only if the person has proved to be its owner."""
    given.security.note(
        SecurityEvent(
            kind=kind,
            cause=cause,
            network=origin.network,
            login=login,
            who=account.id if account else None,
            role=account.role if account else None,
            method=origin.method,
            path=origin.path,
            status=status,
            objects=objects,
        )
    )


def note_refused(
    given: Services,
    kind: Kind,
    cause: str,
    origin: Origin,
    who: Principal | None = None,
    *,
    id: str | None = None,
    status: int,
) -> None:
    """Record a request that authentication refused; `id` is that of a refused key."""
    given.security.note(
        SecurityEvent(
            kind=kind,
            cause=cause,
            network=origin.network,
            who=who.id if who else id,
            role=who.role if who else None,
            method=origin.method,
            path=origin.path,
            status=status,
        )
    )
