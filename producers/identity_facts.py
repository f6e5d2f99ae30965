"""Records of accounts, keys and sessions. They hold hashes, never a password or a key.

Used by the API, by the commands, and at the first start. Hashing a password is slow, so callers
hash it before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from roost import ids
from roost.errors import invalid_field
from roost.events.account import Account, ApiKey, Holder, Permission
from roost.events.envelope import Record, record, tombstone
from roost.events.session import Session
from roost.security import api_keys
from roost.topics import ACCOUNTS, API_KEYS, SESSIONS

USUAL_DAYS, MOST_DAYS = 90, 365
SOURCE = "/identity"


def account_id(login: str) -> str:
    """Return the id of an account, derived from its login, so that no two share a login."""
    return ids.derive("u", login)


def account_made(
    holder: Holder,
    login: str,
    name: str,
    password_hash: str | None,
    *,
    at: datetime,
    language: str = "zh",
    must_change: bool = True,
) -> tuple[Account, Record]:
    """Create an account; by default its password must be changed at the first sign-in."""
    account = Account(
        id=account_id(login),
        login=login,
        name=name,
        language=language,
        password_hash=password_hash,
        must_change_password=must_change and password_hash is not None,
        created_at=at,
        **_holder_fields(holder),
    )
    return account, account_put(account, at=at)


def account_put(account: Account, *, at: datetime) -> Record:
    return record(account, account.id, source=SOURCE, at=at)


def account_erased(id: str, *, at: datetime) -> Record:
    return tombstone(ACCOUNTS, id, source=SOURCE, at=at)


def key_made(
    holder: Holder,
    name: str,
    scopes: Collection[Permission] = (),
    *,
    at: datetime,
    days: int = USUAL_DAYS,
) -> tuple[ApiKey, Record, str]:
    """Create a key; return it, its record, and its text, which is shown once.

    Raises Invalid if `days` is out of range.
    """
    _check_days(days)
    secret = api_keys.new_secret()
    key = ApiKey(
        id=secret.id,
        name=name,
        scopes=tuple(sorted(scopes)),
        names_forwarding=True,
        secret_hash=secret.hash,
        created_at=at,
        expires_at=at + timedelta(days=days),
        **_holder_fields(holder),
    )
    return key, _key_put(key, at), secret.text


def key_rotated(
    current: ApiKey, *, at: datetime, days: int, grace: timedelta
) -> tuple[ApiKey, Record, str]:
    """Replace the secret of a key.

    The former secret is accepted for `grace` longer, but not past the time at which it expires.
    """
    _check_days(days)
    secret = api_keys.new_secret(current.id)
    changes = {
        "secret_hash": secret.hash,
        "former_hash": current.secret_hash,
        "former_until": min(at + grace, current.expires_at),
        "expires_at": at + timedelta(days=days),
    }
    key = current.model_copy(update=changes)
    return key, _key_put(key, at), secret.text


def key_revoked(id: str, *, at: datetime) -> Record:
    return tombstone(API_KEYS, id, source=SOURCE, at=at)


def session_put(session: Session, *, at: datetime) -> Record:
    return record(session, session.id, source=SOURCE, at=at)


def session_forgotten(id: str, *, at: datetime) -> Record:
    return tombstone(SESSIONS, id, source=SOURCE, at=at)


def _key_put(key: ApiKey, at: datetime) -> Record:
    return record(key, key.id, source=SOURCE, at=at)


def _holder_fields(holder: Holder) -> dict[str, object]:
    return {name: getattr(holder, name) for name in Holder.model_fields}


def _check_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise invalid_field(
            "days",
            f"a key lives 1 to {MOST_DAYS} days; rotate it in time",
            f"密钥有效期为 1 至 {MOST_DAYS} 天，请及时轮换",
        )
