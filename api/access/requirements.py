"""Access requirements of endpoints: `Annotated[Principal, allow(Permission.X)]`.

The route walk in the tests finds the permission of every route by its `PermissionRequirement`, and
the routes open to every signed-in caller by their `SignedInRequirement`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from api.access import policy
from api.access.principal import Principal
from api.access.refusals import unauthenticated
from roost.events.account import Permission


def principal(request: Request) -> Principal:
    """Return the caller. Raises Unauthenticated without a valid key or session."""
    found: Principal | None = getattr(request.state, "principal", None)
    if found is None:
        raise unauthenticated()
    return found


@dataclass(frozen=True, slots=True)
class PermissionRequirement:
    """Dependency that requires a permission; with `everywhere`, one over all data."""

    permission: Permission
    everywhere: bool = False

    async def __call__(self, request: Request) -> Principal:
        """Return the caller. Raises Forbidden if the role or the key lacks the permission."""
        who = principal(request)
        if self.everywhere:
            policy.everywhere(who, self.permission)
        else:
            policy.reach(who, self.permission)
        return who


@dataclass(frozen=True, slots=True)
class SignedInRequirement:
    """Dependency that requires a caller and no permission, for the caller's own account."""

    async def __call__(self, request: Request) -> Principal:
        """Return the caller. Raises Unauthenticated."""
        return principal(request)


async def validity_check(request: Request) -> Callable[[], bool]:
    """Return a check that the caller's key or session is still valid with the same reach.

    A stream that stays open calls it before every event.
    """
    check: Callable[[], bool] = request.state.still
    return check


Still = Annotated[Callable[[], bool], Depends(validity_check)]


def allow(permission: Permission, *, everywhere: bool = False) -> Any:
    """Return the dependency that requires a permission."""
    return Depends(PermissionRequirement(permission, everywhere))


Who = Annotated[Principal, Depends(SignedInRequirement())]
ReadsAccounts = Annotated[Principal, allow(Permission.ACCOUNTS_READ, everywhere=True)]
ManagesAccounts = Annotated[Principal, allow(Permission.ACCOUNTS_WRITE, everywhere=True)]
ReadsAudit = Annotated[Principal, allow(Permission.AUDIT_READ)]
WatchesOperations = Annotated[Principal, allow(Permission.OVERVIEW_READ, everywhere=True)]
