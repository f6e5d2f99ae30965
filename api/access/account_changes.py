"""Changes of an account that end its sessions. Pure."""

from __future__ import annotations

from roost.events.account import Account


def with_password(account: Account, hash: str, *, must_change: bool = False) -> Account:
    """Return the account with another password; its next generation ends every session."""
    return with_sessions_ended(account).model_copy(
        update={"password_hash": hash, "must_change_password": must_change}
    )


def with_sessions_ended(account: Account) -> Account:
    """Return the account in its next generation, which ends every session."""
    return account.model_copy(update={"generation": account.generation + 1})
