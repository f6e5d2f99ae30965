"""The county's key, from which webhook secrets and stop links are derived.

It comes from the settings, or is created once in the data folder, readable only by its owner.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from roost.errors import RoostError
from roost.settings import Settings

LEAST_BYTES = 32


def county_key(settings: Settings) -> bytes:
    """Return the key. Raises RoostError if the one in the settings is too short."""
    if settings.webhook_key is not None:
        key = settings.webhook_key.get_secret_value().encode()
        if len(key) < LEAST_BYTES:
            raise RoostError(
                f"ROOST_WEBHOOK_KEY has {len(key)} bytes; give at least {LEAST_BYTES}, for "
                "example the output of `openssl rand -base64 32`."
            )
        return key
    return _made_once(settings.data / "keys" / "county.key")


def _made_once(path: Path) -> bytes:
    """Return the key in a file; the first of several processes that start at once creates it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def derived(key: bytes, purpose: str, *parts: str) -> bytes:
    """Return 32 bytes derived for one purpose: HMAC-SHA256 over purpose and parts (RFC 2104)."""
    return hmac.new(key, "\x1f".join((purpose, *parts)).encode(), hashlib.sha256).digest()
