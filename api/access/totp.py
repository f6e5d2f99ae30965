"""One-time codes of an authenticator (TOTP, RFC 6238): pure but for the time that is given.

The secret is kept encrypted under a key derived from the county's and bound to the account.
"""

from __future__ import annotations

import io
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roost.errors import RoostError
from roost.security.county_key import derived

STEP_S = 30
WINDOW = 1
"""Steps before and after the present one that are taken: clocks differ."""
ISSUER = "Roost"


def new_secret() -> str:
    return pyotp.random_base32()


def seal_secret(key: bytes, account_id: str, secret: str) -> str:
    nonce = os.urandom(12)
    said = AESGCM(derived(key, "totp", account_id)).encrypt(nonce, secret.encode(), b"")
    return urlsafe_b64encode(nonce + said).decode("ascii")


def unseal_secret(key: bytes, account_id: str, kept: str) -> str:
    """Raises RoostError when the county's key is another one than it was sealed under."""
    raw = urlsafe_b64decode(kept)
    try:
        said = AESGCM(derived(key, "totp", account_id)).decrypt(raw[:12], raw[12:], b"")
    except InvalidTag:
        raise RoostError(
            "The authenticator's secret was kept under another county key; disable the second "
            "factor of this account and enrol it again.",
            "动态码密钥无法解密，请停用后重新绑定。",
        ) from None
    return said.decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that the code is of, if it is one of those that are taken now."""
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    for each in range(step - WINDOW, step + WINDOW + 1):
        if pyotp.utils.strings_equal(code.strip(), totp.at(each * STEP_S)):
            return each
    return None


def uri(secret: str, login: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def qr_svg(secret: str, login: str) -> str:
    """The QR code as SVG, for the authenticator's camera."""
    out = io.BytesIO()
    segno.make(uri(secret, login), error="m").save(out, kind="svg", scale=4, xmldecl=False)
    return out.getvalue().decode()
