"""Texts encrypted under a key derived from the county's (AES-256-GCM), as URL-safe base64."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def seal(key: bytes, plain: bytes, bound_to: bytes = b"") -> str:
    """Encrypt under a derived key; only the same `bound_to` opens the result."""
    nonce = os.urandom(NONCE_BYTES)
    return urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound_to)).decode("ascii")


def unseal(key: bytes, sealed: str, bound_to: bytes = b"") -> bytes | None:
    """Decrypt a sealed text. Returns None for any other text, key or `bound_to`."""
    try:
        raw = urlsafe_b64decode(sealed.encode("ascii", "replace"))
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        return None
