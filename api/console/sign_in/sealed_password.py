"""The password between the two steps of a sign-in with a second factor: sealed, for five minutes.

It travels in the form that requests the code; only this county's key opens it. Pure.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from api.access.refusals import NotSignedIn
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

LIFETIME = timedelta(minutes=5)


def seal_password(key: bytes, login: str, password: str, now: datetime) -> str:
    """Seal a password for the second step, bound to the login."""
    plain = json.dumps([password, now.timestamp()]).encode()
    return seal(derived(key, "sign-in"), plain, login.encode())


def unseal_password(key: bytes, login: str, sealed: str, now: datetime) -> str:
    """Return the password. Raises NotSignedIn for a foreign text, another login or an old one."""
    plain = unseal(derived(key, "sign-in"), sealed, login.encode())
    if plain is None:
        raise _expired()
    password, at = json.loads(plain)
    if now.timestamp() - at > LIFETIME.total_seconds():
        raise _expired()
    return str(password)


def _expired() -> NotSignedIn:
    return NotSignedIn("This took too long; enter your password again.", "已超时，请重新输入密码。")
