"""API keys in the form `rk_<id>_<secret>`, and the stored hash of their secrets.

The secret has 256 random bits, so a plain SHA-256 hash is enough: it cannot be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from roost import ids
from roost.events.account import ApiKey

_KEY = re.compile(r"rk_([a-z2-7]{26})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Secret:
    """New secret of a key: `text` is shown once, `hash` is stored."""

    id: str
    text: str
    hash: str


def new_secret(id: str | None = None) -> Secret:
    """Return a new secret, of a new key or of an existing one (`id`)."""
    of = id or ids.derive("k", secrets.token_hex(16))
    secret = secrets.token_urlsafe(32)
    return Secret(of, f"rk_{of[2:]}_{secret}", hash_of(secret))


def parse_key(text: str) -> tuple[str, str] | None:
    """Return the key's id and the hash of its secret; None if the text is not a key."""
    found = _KEY.fullmatch(text)
    return (f"k-{found[1]}", hash_of(found[2])) if found else None


def hash_of(secret: str) -> str:
    """Return the SHA-256 hash of a secret, in hexadecimal."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def in_force(key: ApiKey, hash: str, now: datetime) -> bool:
    """Return whether the hash matches its secret, or the previous one within its grace period."""
    return refusal(key, hash, now) is None


def refusal(key: ApiKey, hash: str, now: datetime) -> str | None:
    """Return why the key is refused: `secret`, `rotated` or `expired`; None if it is in force."""
    present = hmac.compare_digest(key.secret_hash, hash)
    former = hmac.compare_digest(key.former_hash or "", hash)
    if not (present or former):
        return "secret"
    if now >= key.expires_at:
        return "expired"
    graced = former and key.former_until is not None and now < key.former_until
    return None if present or graced else "rotated"
