"""Use cases of machines' keys: created, listed, rotated, revoked.

Every function requires the permission to view or manage accounts and keys for the whole county, and
raises Forbidden without it. A new secret is returned once and never stored. No key can have more
permissions than its maker.
"""

from __future__ import annotations

from datetime import timedelta

from api.access import policy
from api.access.principal import Principal
from api.keys.schemas import NewKey, Rotation
from api.ports.services import Services
from api.ports.topic_table import put
from api.writes.employer_spelling import check_spelling
from api.writes.erased_workers import not_erased
from producers import identity_facts as facts
from roost.errors import NotFound
from roost.events.account import ApiKey, Permission
from roost.rules.key_scopes import scopes_in_force


async def create_key(given: Services, who: Principal, content: NewKey) -> tuple[ApiKey, str]:
    """Create a key; return it with its secret.

    Raises Forbidden if it exceeds the caller, Conflict if its employer is known under another
    spelling, and Suppressed for an erased worker.
    """
    policy.everywhere(who, Permission.ACCOUNTS_WRITE)
    policy.check_may_give(who, content, content.scopes)
    await check_spelling(given, content.employer_id, "employerId")
    key, record, secret = facts.key_made(
        content, content.name, content.scopes, at=given.clock.now(), days=content.days
    )
    async with not_erased(given, key.worker_id):
        await put(given.publisher, given.identities.keys, record)
    return key, secret


def list_keys(given: Services, who: Principal) -> list[ApiKey]:
    """Return all keys, newest first."""
    policy.everywhere(who, Permission.ACCOUNTS_READ)
    return sorted(given.identities.keys.values(), key=lambda key: key.created_at, reverse=True)


def find_key(given: Services, who: Principal, id: str) -> ApiKey:
    """Return a key. Raises NotFound."""
    policy.everywhere(who, Permission.ACCOUNTS_READ)
    return _existing(given, id)


async def rotate_key(
    given: Services, who: Principal, id: str, rotation: Rotation
) -> tuple[ApiKey, str]:
    """Give a key a new secret and return it; the former one expires after the grace period.

    Raises NotFound, and Forbidden if the key exceeds the caller.
    """
    policy.everywhere(who, Permission.ACCOUNTS_WRITE)
    stored = _existing(given, id)
    policy.check_may_give(who, stored, scopes_in_force(stored))
    key, record, secret = facts.key_rotated(
        stored,
        at=given.clock.now(),
        days=rotation.days,
        grace=timedelta(hours=rotation.grace_hours),
    )
    await put(given.publisher, given.identities.keys, record)
    return key, secret


async def revoke_key(given: Services, who: Principal, id: str) -> None:
    """Revoke a key, in this process before the call returns.

    Other processes follow within milliseconds. Raises NotFound, and Forbidden if the key exceeds
    the caller.
    """
    policy.everywhere(who, Permission.ACCOUNTS_WRITE)
    stored = _existing(given, id)
    policy.check_may_give(who, stored, scopes_in_force(stored))
    record = facts.key_revoked(id, at=given.clock.now())
    await put(given.publisher, given.identities.keys, record)


def _existing(given: Services, id: str) -> ApiKey:
    """Return a key. Raises NotFound."""
    key = given.identities.keys.get(id)
    if key is None:
        raise NotFound(f"There is no key {id}.", f"没有该密钥：{id}")
    return key
