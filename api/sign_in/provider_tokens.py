"""Signature and claims of a provider's ID token (OpenID Connect Core 1.0, section 3.1.3.7). Pure.

A key set may contain keys of unknown kinds or curves; they are skipped. A token without `kid` is
checked against every key that fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError
from pydantic import ValidationError

from roost.events.common import Line, Model

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a private key of the provider; none that a shared secret could produce."""
KINDS = ("RSA", "EC", "OKP")
LEEWAY_S = 60
MOST_KEYS = 200
"""Keys of a set that are tried; providers publish a few."""
UNUSABLE = (
    JoseError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    UnsupportedAlgorithm,
)
"""Errors of the libraries for keys and tokens that they cannot use."""


class _StoredSubject(Model):
    """Subject as an account stores it; reading strips it and limits its length."""

    subject: Line


def usable_keys(key_set: Any) -> list[jwk.Key]:
    """Return the signature keys of a key set that can be used; others are skipped."""
    offered = key_set.get("keys") if isinstance(key_set, dict) else None
    listed = offered[:MOST_KEYS] if isinstance(offered, list) else []
    return [key for each in listed if (key := _imported(each)) is not None]


def is_signed(token: Any, keys: list[jwk.Key]) -> bool:
    """Return whether one of the keys has signed a token, whatever it claims."""
    return _signed_claims(token, keys) is not None


def verified_claims(
    token: Any, keys: list[jwk.Key], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any] | None:
    """Return the claims of a token for this client, sign-in and moment; None for any other."""
    claims = _signed_claims(token, keys)
    if claims is None:
        return None
    expected = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        expected.validate(claims)
    except UNUSABLE:
        return None
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    # A token for several audiences has to name the party that it was issued to.
    party = claims.get("azp", None if is_shared else client_id)
    return claims if party == client_id else None


def verified_mail(claims: dict[str, Any]) -> str | None:
    """Return the verified e-mail address in lower case; some providers send the flag as text.

    An address beyond ASCII is none: the small letter of a Kelvin sign would be that of another
    person's login.
    """
    mail = claims.get("email")
    verified = str(claims.get("email_verified", "")).strip().lower() == "true"
    if not verified or not isinstance(mail, str) or not mail.isascii():
        return None
    return mail.strip().lower() or None


def subject_of(claims: dict[str, Any]) -> str:
    """Return issuer and subject as an account stores them: as a hash if they are not one line."""
    text = f"{claims['iss']} {claims['sub']}"
    try:
        if _StoredSubject(subject=text).subject == text:
            return text
    except ValidationError:
        pass
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _signed_claims(token: Any, keys: list[jwk.Key]) -> dict[str, Any] | None:
    """Return the claims that one of the keys has signed."""
    if not isinstance(token, str):
        return None
    for key in _fitting(token, keys):
        try:
            return dict(jwt.decode(token, key, algorithms=ALGORITHMS).claims)
        except UNUSABLE:
            continue
    return None


def _fitting(token: str, keys: list[jwk.Key]) -> Iterator[jwk.Key]:
    """Yield the keys with the token's `kid`, else those without one; all for a token without."""
    try:
        named = jws.extract_compact(token.encode("utf-8", "replace")).headers().get("kid")
    except UNUSABLE:
        return
    same = [key for key in keys if named is not None and key.kid == named]
    yield from same or [key for key in keys if named is None or key.kid is None]


def _imported(data: Any) -> jwk.Key | None:
    if not isinstance(data, dict) or data.get("kty") not in KINDS or data.get("use") == "enc":
        return None
    try:
        return jwk.import_key(data)
    except UNUSABLE:
        return None
