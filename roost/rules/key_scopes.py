"""Permissions that a key is limited to, also for keys of releases before `replies:forward`.

Those releases let every key with `inbox:write` over everything forward replies, so gateways have
it. A key that is limited to `inbox:write` alone cannot even read a message: it is a gateway's, and
forwards replies from now on without writing as a station. A key with more scopes keeps both. Pure.
"""

from __future__ import annotations

from roost.events.account import AccountRole, ApiKey, Permission

REACH_EVERYTHING = {AccountRole.ASSOCIATION, AccountRole.ADMIN}
"""Roles whose keys could forward replies by `inbox:write`."""


def scopes_in_force(key: ApiKey) -> tuple[Permission, ...]:
    """Return the scopes of a key; empty for all permissions of its role."""
    is_former = not key.names_forwarding and key.role in REACH_EVERYTHING
    if not is_former or Permission.INBOX_WRITE not in key.scopes:
        return key.scopes
    if len(key.scopes) == 1:
        return (Permission.REPLIES_FORWARD,)
    return tuple(sorted({*key.scopes, Permission.REPLIES_FORWARD}))
