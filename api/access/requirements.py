"""What an endpoint asks for: `Annotated[Principal, allow(Permission.X)]`, who asks, and may.

The route walk in the tests finds the permission of every route by its `Allow`, and by `Known`
those that anybody may ask who is signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from api.access import policy
from api.access.principal import Principal
from api.access.refusals import PasswordToChange, unauthenticated
from roost.events.account import Permission


def principal(request: Request) -> Principal:
    """Who asks, as the request's key or session says. Raises Unauthenticated for nobody."""
    found: Principal | None = getattr(request.state, "principal", None)
    if found is None:
        raise unauthenticated()
    return found


@dataclass(frozen=True, slots=True)
class PermissionRequirement:
    """`everywhere`: only for those whose reach is over everything."""

    permission: Permission
    everywhere: bool = False

    async def __call__(self, request: Request) -> Principal:
        """Raises Forbidden for a role, or a key, without the permission."""
        who = principal(request)
        if who.must_change_password:
            raise PasswordToChange(
                "Change the password that you were given: POST /v1/me/password.",
                "请先修改初始密码：POST /v1/me/password。",
            )
        if self.everywhere:
            policy.everywhere(who, self.permission)
        else:
            policy.reach(who, self.permission)
        return who


@dataclass(frozen=True, slots=True)
class SignedInRequirement:
    """For whoever is known, whatever they may: their own account."""

    async def __call__(self, request: Request) -> Principal:
        return principal(request)


async def validity_check(request: Request) -> Callable[[], bool]:
    """Whether the key or session is in force, and of the same person with the same reach: asked
    again for every event of a stream that stays open.
    """
    found: Callable[[], bool] = request.state.still
    return found


Still = Annotated[Callable[[], bool], Depends(validity_check)]


def allow(permission: Permission, *, everywhere: bool = False) -> Any:
    return Depends(PermissionRequirement(permission, everywhere))


Who = Annotated[Principal, Depends(SignedInRequirement())]
