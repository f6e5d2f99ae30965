"""Hashes of keys and requests under the county's key. Pure."""

from __future__ import annotations

import hashlib
import re

from roost.errors import Invalid, invalid_field

_KEY = re.compile(r'^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"|([\x21\x23-\x7e]{1,200}))$')


def key_in(header: str) -> str:
    """Return the key of an `Idempotency-Key` header: a quoted string (RFC 8941) or bare.

    Raises Invalid.
    """
    found = _KEY.match(header.strip())
    if found is None:
        raise wrong_key()
    return found[1] or found[2]


def wrong_key() -> Invalid:
    """Return the error for a malformed key."""
    return invalid_field(
        "Idempotency-Key",
        "must be 1 to 200 visible ASCII characters, for example a UUID",
        "应为 1 至 200 个可见 ASCII 字符，例如 UUID",
    )


def key_of(secret: bytes, principal: str, key: str) -> str:
    """Return the hash of a caller's key, under which its answer is stored."""
    return _hash(secret, principal.encode(), key.encode())


def request_hash(secret: bytes, method: str, path: str, query: bytes, body: bytes) -> str:
    """Return the hash of a request, by which a key reused for another request is noticed."""
    return _hash(secret, method.encode(), path.encode(), query, body)


def _hash(secret: bytes, *parts: bytes) -> str:
    digest = hashlib.blake2b(key=secret, digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
