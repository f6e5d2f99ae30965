"""Accounts and keys as facts: made, changed, revoked. What is secret is answered, never recorded.

Used by the API, by the commands, and at the first start; hashing a password is slow, so it is
done by the caller before.
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
    """An account is its login: so no two can have the same, whoever makes them."""
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
    """A new account with a password that its maker knows: it has to be changed at once."""
    account = Account(
        id=account_id(login),
        login=login,
        name=name,
        language=language,
        password_hash=password_hash,
        must_change_password=must_change and password_hash is not None,
        created_at=at,
        **_held(holder),
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
    """A new key, its record, and its text, which is shown this once. Raises Invalid for days."""
    _check_days(days)
    secret = api_keys.made()
    key = ApiKey(
        id=secret.id,
        name=name,
        scopes=tuple(sorted(scopes)),
        secret_hash=secret.hash,
        created_at=at,
        expires_at=at + timedelta(days=days),
        **_held(holder),
    )
    return key, _key_put(key, at), secret.text


def key_rotated(
    standing: ApiKey, *, at: datetime, days: int, grace: timedelta
) -> tuple[ApiKey, Record, str]:
    """The key with a new secret; the former one stays in force for `grace`, as long as it had."""
    _check_days(days)
    secret = api_keys.made(standing.id)
    turned = {
        "secret_hash": secret.hash,
        "former_hash": standing.secret_hash,
        "former_until": min(at + grace, standing.expires_at),
        "expires_at": at + timedelta(days=days),
    }
    key = standing.model_copy(update=turned)
    return key, _key_put(key, at), secret.text


def key_revoked(id: str, *, at: datetime) -> Record:
    return tombstone(API_KEYS, id, source=SOURCE, at=at)


def session_put(session: Session, *, at: datetime) -> Record:
    return record(session, session.id, source=SOURCE, at=at)


def session_forgotten(id: str, *, at: datetime) -> Record:
    return tombstone(SESSIONS, id, source=SOURCE, at=at)


def _key_put(key: ApiKey, at: datetime) -> Record:
    return record(key, key.id, source=SOURCE, at=at)


def _held(holder: Holder) -> dict[str, object]:
    return {name: getattr(holder, name) for name in Holder.model_fields}


def _check_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise invalid_field(
            "days",
            f"a key lives 1 to {MOST_DAYS} days; rotate it in time",
            f"密钥有效期为 1 至 {MOST_DAYS} 天，请及时轮换",
        )
