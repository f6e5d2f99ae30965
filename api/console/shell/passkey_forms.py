"""Values of forms that `passkeys.js` completes with the answer of a passkey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.access.webauthn_ceremonies import are_available
from api.ports.services import Services
from api.sign_in import by_passkey


def passkey_request(given: Services) -> dict[str, str] | None:
    """Return options and ceremony of a sign-in for a form; None where browsers allow none."""
    if not are_available(given.settings):
        return None
    options, ceremony = by_passkey.begin(given)
    return {"options": json.dumps(options), "ceremony": ceremony}


def passkey_wire(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return ceremony and credential of a submitted form."""
    return {"ceremony": sent.get("ceremony", ""), "credential": credential_of(sent)}


def credential_of(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return the credential in a form's field; empty if it is none, which no passkey answers."""
    try:
        credential = json.loads(sent.get("credential", ""))
    except (ValueError, RecursionError):
        return {}
    return credential if isinstance(credential, dict) else {}
