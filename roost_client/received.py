"""Verification of webhook messages (Standard Webhooks 1.0, scheme `v1`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class NotVerified(ValueError):
    """No secret verifies the message; answer 401 and do not process it."""


def verified(secrets: str | Sequence[str], headers: Mapping[str, str], body: bytes) -> Any:
    """Return the JSON content of a message after verifying its signature.

    `headers` are the request's (names in any case), `body` its raw bytes. During a rotation pass
    both secrets. `webhook-id` identifies the message: a repeated id is the same message.

    Raises NotVerified for a wrong or missing signature, or a timestamp more than five minutes off.
    """
    for secret in (secrets,) if isinstance(secrets, str) else secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: a malformed header
            continue
        return json.loads(body)
    raise NotVerified("The signature of the webhook message is not valid")
