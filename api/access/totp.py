"""One-time codes of an authenticator (TOTP, RFC 6238). The time is a parameter.

Secrets are stored encrypted under a key derived from the county's and bound to the account.
"""

from __future__ import annotations

from datetime import datetime

import pyotp

from api.access import qr_codes
from roost.errors import RoostError
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

STEP_S = 30
WINDOW = 1
"""Steps before and after the current one that are accepted, because clocks differ."""
ISSUER = "Roost"


def new_secret() -> str:
    """Return a random secret in base32."""
    return pyotp.random_base32()


def seal_secret(key: bytes, account_id: str, secret: str) -> str:
    """Encrypt an account's secret for storage."""
    return seal(derived(key, "totp", account_id), secret.encode())


def unseal_secret(key: bytes, account_id: str, sealed: str) -> str:
    """Decrypt an account's secret. Raises RoostError if another county key sealed it."""
    plain = unseal(derived(key, "totp", account_id), sealed)
    if plain is None:
        raise RoostError(
            "The authenticator's secret was stored under another county key; disable the second "
            "factor of this account and enrol it again.",
            "动态码密钥无法解密，请停用后重新绑定。",
        )
    return plain.decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of a code; None if the code is not valid now."""
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    for each in range(step - WINDOW, step + WINDOW + 1):
        if pyotp.utils.strings_equal(code.strip(), totp.at(each * STEP_S)):
            return each
    return None


def uri(secret: str, login: str) -> str:
    """Return the otpauth:// address for the authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def qr_svg(secret: str, login: str) -> str:
    """Return the QR code as SVG, for the authenticator's camera."""
    return qr_codes.qr_svg(uri(secret, login))
