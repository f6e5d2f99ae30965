"""Opaque tokens for positions that callers hand back: cursors of lists, positions of feeds.

A token is a JSON value with an expiry, encrypted with AES-256-GCM under a key derived from the
county key for one purpose. It opens only for the same purpose and the same `bound_to` texts, such
as the caller's id and the query. The plain text is padded, so that its length reveals little.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roost.errors import BadRequest, FieldError
from roost.security.county_key import derived
from roost.security.sealing import decrypt, encrypt

BLOCK_BYTES = 64
"""The plain text is padded with spaces, which JSON ignores, to a multiple of this."""
LONGEST_TOKEN = 4_000
"""Longest token in characters that is decrypted; a feed's position has about 500."""


class TokenRefused(BadRequest):
    """The token was not issued for this caller and this request, or it has expired."""


class TokenExpired(TokenRefused):
    """The token was issued for this caller and this request, too long ago."""


def seal_token(
    key: bytes,
    purpose: str,
    value: Any,
    *,
    bound_to: Sequence[str],
    now: datetime,
    lifetime: timedelta,
) -> str:
    """Return the token of a JSON value; `key` is the county key."""
    plain = orjson.dumps([int((now + lifetime).timestamp()), value])
    padded = plain.ljust(-(-len(plain) // BLOCK_BYTES) * BLOCK_BYTES)
    sealed = encrypt(_cipher(key, purpose), padded, _binding(bound_to))
    return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def open_token(
    key: bytes,
    purpose: str,
    token: str,
    *,
    bound_to: Sequence[str],
    now: datetime,
    field: str = "cursor",
) -> Any:
    """Return the value of a token.

    Raises TokenRefused, which names the `field` of the request; TokenExpired if it was valid.
    """
    opened = _decrypted(key, purpose, token, bound_to)
    if opened is None:
        raise _refused(
            field,
            "was not issued to you for this request; leave it out to start again, and then use "
            "each answer's `next` unchanged",
            "不是为您的本次请求签发的，请去掉该参数重新开始，之后原样使用每次返回的 next",
        )
    expires_at, value = opened
    if now.timestamp() >= expires_at:
        raise _refused(
            field,
            "has expired; leave it out to start again",
            "已过期，请去掉该参数重新开始",
            TokenExpired,
        )
    return value


def _decrypted(
    key: bytes, purpose: str, token: str, bound_to: Sequence[str]
) -> tuple[int, Any] | None:
    """Return the expiry and the value of a token, or None if it is not one of ours."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        sealed = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    plain = decrypt(_cipher(key, purpose), sealed, _binding(bound_to))
    if plain is None:
        return None
    expires_at, value = orjson.loads(plain)
    return expires_at, value


@lru_cache(maxsize=32)
def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(derived(key, "token", purpose))


def _binding(bound_to: Sequence[str]) -> bytes:
    """Return the associated data of the cipher: a digest that tells the texts apart."""
    return hashlib.sha256(orjson.dumps(list(bound_to))).digest()


def _refused(
    field: str, message: str, message_zh: str, error: type[TokenRefused] = TokenRefused
) -> TokenRefused:
    return error(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )
