"""An enrolment in progress: the secret or challenge between its two steps, sealed for ten minutes.

Only the first step, which checks the password, creates it. It is bound to the account and to its
generation, so a change of the password ends it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from roost.errors import invalid_field
from roost.events.account import Account
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

LIFETIME = timedelta(minutes=10)
FIELD = "enrolment"


def seal_enrolment(key: bytes, account: Account, purpose: str, value: str, now: datetime) -> str:
    """Seal a secret or challenge for the second step of an enrolment."""
    plain = json.dumps([value, account.generation, now.timestamp()]).encode()
    return seal(derived(key, FIELD, purpose, account.id), plain)


def unseal_enrolment(key: bytes, account: Account, purpose: str, sealed: str, now: datetime) -> str:
    """Return the secret or challenge. Raises Invalid for a foreign or an old enrolment."""
    plain = unseal(derived(key, FIELD, purpose, account.id), sealed)
    if plain is None:
        raise _over()
    value, generation, at = json.loads(plain)
    if generation != account.generation or now.timestamp() - at > LIFETIME.total_seconds():
        raise _over()
    return str(value)


def _over() -> Exception:
    return invalid_field(
        FIELD, "is over or belongs to another account; begin again", "已失效，请重新开始"
    )
