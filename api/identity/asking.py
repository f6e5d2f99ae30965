"""What an endpoint asks for: `Annotated[Principal, allow(Permission.X)]`, who asks, and may.

The route walk in the tests finds the permission of every route by its `Allow`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from api import policy
from api.identity.principal import Principal
from roost.events.account import AccountRole, Permission

LOCAL = Principal("u-local", AccountRole.ADMIN, "local")
"""Whoever asks while nobody signs in: the API is on loopback only."""


def principal(request: Request) -> Principal:
    """Who asks, as the request's key or session says."""
    found: Principal = getattr(request.state, "principal", LOCAL)
    return found


@dataclass(frozen=True, slots=True)
class Allow:
    permission: Permission

    def __call__(self, request: Request) -> Principal:
        """Raises Forbidden for a role, or a key, without the permission."""
        who = principal(request)
        policy.reach(who, self.permission)
        return who


def allow(permission: Permission) -> Any:
    return Depends(Allow(permission))
