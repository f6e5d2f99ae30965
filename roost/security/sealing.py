"""Authenticated encryption (AES-256-GCM): the one cipher of sealed texts and sealed tokens.

A sealed value is the nonce and the encrypted bytes. It opens under the same key and the same
`bound_to` only.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roost.security.random_bytes import random_bytes

NONCE_BYTES = 12


def encrypt(cipher: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    """Return the nonce and the encrypted bytes."""
    nonce = random_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to)


def decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes | None:
    """Return the plain bytes; None for any other bytes, key or `bound_to`."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        return None


def seal(key: bytes, plain: bytes, bound_to: bytes = b"") -> str:
    """Encrypt under a derived key; return URL-safe base64."""
    return urlsafe_b64encode(encrypt(AESGCM(key), plain, bound_to)).decode("ascii")


def unseal(key: bytes, sealed: str, bound_to: bytes = b"") -> bytes | None:
    """Decrypt a sealed text. Returns None for any other text, key or `bound_to`."""
    try:
        raw = urlsafe_b64decode(sealed.encode("ascii", "replace"))
    except ValueError:
        return None
    return decrypt(AESGCM(key), raw, bound_to)
