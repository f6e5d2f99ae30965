"""Changes of an account, and which of them end its sessions. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from roost.events.account import Account
from roost.events.common import STORED
from roost.events.envelope import invalid

ENDS_SESSIONS = (
    "role",
    "employer_id",
    "worker_id",
    "station_ids",
    "disabled",
    "totp_secret",
)
"""Fields whose change ends every session: role and reach, state, second factors."""


def altered(account: Account, **changes: Any) -> Account:
    """Return the account with some fields changed.

    A change of a field in `ENDS_SESSIONS`, or of the set of passkeys, begins the next generation,
    so no later change revives an earlier session. Raises Invalid for an account that could not be
    read back.
    """
    try:
        changed = Account.model_validate(dict(account) | changes, context=STORED)
    except ValidationError as error:
        raise invalid(error) from None
    if any(getattr(changed, name) != getattr(account, name) for name in ENDS_SESSIONS):
        return with_sessions_ended(changed)
    if {each.id for each in changed.passkeys} != {each.id for each in account.passkeys}:
        return with_sessions_ended(changed)  # a passkey's use changes its counter only
    return changed


def with_password(account: Account, hash: str, *, must_change: bool = False) -> Account:
    """Return the account with another password; its next generation ends every session.

    A password that somebody else sets, who `must_change` it, also removes the passkeys: a thief of
    the former password may have registered one, and it signs in alone.
    """
    passkeys = () if must_change else account.passkeys
    changed = altered(
        account, password_hash=hash, must_change_password=must_change, passkeys=passkeys
    )
    return with_sessions_ended(changed)


def without_second_factors(account: Account) -> Account:
    """Return the account without its second factors; its sessions end."""
    return with_sessions_ended(altered(account, totp_secret=None, passkeys=()))


def with_sessions_ended(account: Account) -> Account:
    """Return the account in its next generation, which ends every session."""
    return account.model_copy(update={"generation": account.generation + 1})
