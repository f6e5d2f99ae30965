"""A password between the first step of signing in and the second: sealed, for a few minutes. Pure.

It travels in the form that asks for the code, and only this county's key opens it.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.access.refusals import NotSignedIn
from roost.security.county_key import derived

LASTS = timedelta(minutes=5)
NONCE = 12


def sealed(key: bytes, login: str, password: str, now: datetime) -> str:
    nonce = os.urandom(NONCE)
    said = json.dumps([password, now.timestamp()]).encode()
    return urlsafe_b64encode(nonce + _cipher(key).encrypt(nonce, said, login.encode())).decode()


def opened(key: bytes, login: str, kept: str, now: datetime) -> str:
    """Raises NotSignedIn for what is not ours, of another login, or too old."""
    try:
        raw = urlsafe_b64decode(kept.encode("ascii", "replace"))
        said = _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], login.encode())
    except (InvalidTag, ValueError):
        raise _over() from None
    password, at = json.loads(said)
    if now.timestamp() - at > LASTS.total_seconds():
        raise _over()
    return str(password)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(derived(key, "sign-in"))


def _over() -> NotSignedIn:
    return NotSignedIn("This took too long; enter your password again.", "已超时，请重新输入密码。")
