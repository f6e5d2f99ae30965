"""The county's key, from which webhook secrets, stop links and the key of the ids are derived.

It comes from the settings, or is created once in the data folder, readable only by its owner. It
belongs to the record: without it, the ids of people and openings cannot be derived again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from roost import ids
from roost.errors import RoostError
from roost.security.private_folders import private_folder
from roost.settings import Settings

LEAST_BYTES = 32


def county_key(settings: Settings) -> bytes:
    """Return the key; create it if there is none.

    Raises RoostError if the key in the settings is too short.
    """
    existing = existing_county_key(settings)
    return existing if existing is not None else _made_once(_path(settings))


def existing_county_key(settings: Settings) -> bytes | None:
    """Return the key, or None if this machine has none yet. Raises RoostError as `county_key`."""
    if settings.webhook_key is not None:
        key = settings.webhook_key.get_secret_value().encode()
        if len(key) < LEAST_BYTES:
            raise RoostError(
                f"ROOST_WEBHOOK_KEY has {len(key)} bytes; give at least {LEAST_BYTES}, for "
                "example the output of `openssl rand -base64 32`."
            )
        return key
    path = _path(settings)
    return path.read_bytes() if path.exists() else None


def required_county_key(settings: Settings) -> bytes:
    """Return the existing key. Raises RoostError if this machine has none."""
    key = existing_county_key(settings)
    if key is None:
        raise RoostError(
            f"There is no county key in {settings.data / 'keys'}; set ROOST_DATA to the folder of "
            "the API, or ROOST_WEBHOOK_KEY to its key.",
            f"{settings.data / 'keys'} 中没有县级密钥，请将 ROOST_DATA 设为接口所用目录。",
        )
    return key


def id_key(county: bytes) -> ids.IdKey:
    """Return the key of the ids under a county key."""
    return ids.IdKey(derived(county, "ids"))


def _path(settings: Settings) -> Path:
    return settings.data / "keys" / "county.key"


def _made_once(path: Path) -> bytes:
    """Return the key in a file; the first of several processes that start at once creates it."""
    private_folder(path.parent)
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
