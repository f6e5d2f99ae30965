"""The county's key: what secrets of webhooks and links to stop are derived from.

It comes from the settings, or is made once in the data folder, readable by its owner alone.
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
    """The key. Raises RoostError when the one in the settings is too short."""
    if settings.webhook_key is not None:
        key = settings.webhook_key.get_secret_value().encode()
        if len(key) < LEAST_BYTES:
            raise RoostError(
                f"ROOST_WEBHOOK_KEY has {len(key)} bytes; give at least {LEAST_BYTES}, for "
                "example what `openssl rand -base64 32` prints."
            )
        return key
    return _made_once(settings.data / "keys" / "county.key")


def _made_once(path: Path) -> bytes:
    """Several processes may come at once: the first one's key is everybody's."""
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
    """32 bytes for one purpose: HMAC-SHA256 over the purpose and its parts (RFC 2104)."""
    return hmac.new(key, "\x1f".join((purpose, *parts)).encode(), hashlib.sha256).digest()
