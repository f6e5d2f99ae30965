"""Password hashes (Argon2id, the low-memory profile of RFC 9106) and password rules.

Hashing takes a tenth of a second on two cores on purpose, so callers run it in a thread. The rules
follow NIST SP 800-63B: a minimum length and no common passwords, but no required character kinds.
"""

from __future__ import annotations

import functools
import itertools
import secrets
import unicodedata
from importlib.resources import files

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from roost.errors import invalid_field

LEAST, MOST = 10, 128
NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$CDTt6VDcEhtL6ArOfRdpkQ$"
    "0V0Vpw3E/VbWDDYZLop9AJGSdfL6RfpsBejithz/SA8"
)
"""Hash of no password: verified for unknown logins, so that they take as long as known ones."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(_plain(password))


def verified(hash: str | None, password: str) -> bool:
    """Return whether the password matches the hash; takes the same time without a hash."""
    try:
        return _hasher.verify(hash or NOBODYS, _plain(password)) and hash is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(hash: str) -> bool:
    """Return whether a hash was made with other parameters than the current ones."""
    return _hasher.check_needs_rehash(hash)


def one_time() -> str:
    """Return a password of about 79 random bits that can be read out over a telephone."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def check_rules(password: str, *own: str, field: str = "password") -> None:
    """Raise Invalid for a weak password; `own` holds the login, the name and similar words."""
    text = _plain(password)
    if not LEAST <= len(text) <= MOST:
        raise invalid_field(
            field,
            f"must have {LEAST} to {MOST} characters; several words make a good one",
            f"长度应为 {LEAST} 至 {MOST} 个字符，可用几个词语组成",
        )
    bare = text.casefold()
    words = [word.casefold() for word in (*own, "roost") if len(word) > 2]
    named = any(len(bare.replace(word, "")) < LEAST - 4 for word in words)
    if bare in _common() or len(set(bare)) < 4 or _in_a_row(bare) or named:
        raise invalid_field(
            field, "is too common or too simple; choose another", "过于常见，请另选一个"
        )


def _plain(password: str) -> str:
    """Return the same form for all byte sequences that keyboards send for one text (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _in_a_row(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return steps <= {1} or steps <= {-1} or steps <= {0}


@functools.cache
def _common() -> frozenset[str]:
    text = (files("roost") / "data" / "passwords" / "common.txt").read_text("utf-8")
    return frozenset(text.split())
