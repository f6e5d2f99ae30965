"""Registration of passkeys and sign-in with them (WebAuthn Level 3). The time is a parameter.

A passkey is discoverable and verifies its user, so it needs neither login nor password, and no
question reveals which accounts exist. The server keeps nothing between the two steps of a
ceremony: the challenge travels sealed.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import structs
from webauthn.helpers.exceptions import WebAuthnException

from roost.events.account import Account, Passkey
from roost.settings import Settings

RP_NAME = "Roost"
CHALLENGE_BYTES = 32
USUAL_PORTS = {"https": 443, "http": 80}
UNREADABLE = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
)
"""Errors of the library for credentials that it cannot read or verify."""


def are_available(settings: Settings) -> bool:
    """Return whether browsers allow passkeys here: over https or on localhost, under a name."""
    scheme, host = urlsplit(settings.public_url).scheme, _rp_id(settings)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and (scheme == "https" or host == "localhost")
    return False


def new_challenge() -> str:
    """Return a random challenge as text."""
    return encoded(secrets.token_bytes(CHALLENGE_BYTES))


def creation_options(settings: Settings, account: Account, challenge: str) -> dict[str, Any]:
    """Return the options of `navigator.credentials.create` as JSON values."""
    options = webauthn.generate_registration_options(
        rp_id=_rp_id(settings),
        rp_name=RP_NAME,
        user_id=account.id.encode(),
        user_name=account.login,
        user_display_name=account.name,
        challenge=decoded(challenge),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=decoded(each.id)) for each in account.passkeys
        ],
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def request_options(settings: Settings, challenge: str) -> dict[str, Any]:
    """Return the options of `navigator.credentials.get` as JSON values."""
    options = webauthn.generate_authentication_options(
        rp_id=_rp_id(settings),
        challenge=decoded(challenge),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def registered_passkey(
    settings: Settings, credential: dict[str, Any], challenge: str, name: str, now: datetime
) -> Passkey | None:
    """Return the new passkey; None if it does not answer the challenge on our site."""
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=decoded(challenge),
            expected_rp_id=_rp_id(settings),
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
        return Passkey(
            id=encoded(found.credential_id),
            public_key=encoded(found.credential_public_key),
            sign_count=found.sign_count,
            name=name,
            created_at=now,
        )
    except UNREADABLE:
        return None


def sign_count_of(
    settings: Settings, passkey: Passkey, credential: dict[str, Any], challenge: str
) -> int | None:
    """Return the new signature counter; None unless the passkey signed the challenge here.

    A counter that does not grow means a copied passkey, and is refused.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=decoded(challenge),
            expected_rp_id=_rp_id(settings),
            expected_origin=_origin(settings),
            credential_public_key=decoded(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return None
    return found.new_sign_count


def encoded(data: bytes) -> str:
    """Return bytes as URL-safe base64 without padding, as WebAuthn writes them."""
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decoded(text: str) -> bytes:
    """Return the bytes of URL-safe base64 without padding. Raises ValueError."""
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _rp_id(settings: Settings) -> str:
    """Return the host as browsers write it: small letters, and Chinese names in Punycode."""
    host = urlsplit(settings.public_url).hostname or ""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _origin(settings: Settings) -> str:
    """Return the origin as browsers write it: without the port that the scheme implies."""
    url = urlsplit(settings.public_url)
    port = "" if url.port in (None, USUAL_PORTS.get(url.scheme)) else f":{url.port}"
    return f"{url.scheme}://{_rp_id(settings)}{port}"
