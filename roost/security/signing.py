"""Webhook signatures according to Standard Webhooks 1.0, symmetric scheme `v1`.

A secret is derived from the county's key and not stored. During a rotation two secrets sign.

Source: https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from roost.errors import Invalid, at_field
from roost.security.county_key import derived

PREFIX = "whsec_"
SCHEME = "v1,"
TOLERANCE = timedelta(minutes=5)
ROTATION = timedelta(days=1)
"""Period after a rotation in which the previous secret also signs."""


def secret_of(key: bytes, webhook_id: str, number: int) -> str:
    """Return the secret in the receiver's form: `whsec_` and the base64 of 32 bytes."""
    return PREFIX + base64.b64encode(derived(key, "webhook", webhook_id, str(number))).decode()


def secrets_at(
    key: bytes, webhook_id: str, number: int, rotated_at: datetime | None, at: datetime
) -> list[str]:
    """Return the secrets that sign at a moment, newest first."""
    numbers = [number]
    if rotated_at is not None and number > 1 and at - rotated_at < ROTATION:
        numbers.append(number - 1)
    return [secret_of(key, webhook_id, each) for each in numbers]


def signature(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: a signature for each secret, separated by spaces."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(SCHEME + _hmac(secret, signed) for secret in secrets)


def verify(
    secrets: Sequence[str],
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    at: datetime,
) -> None:
    """Verify the three headers and the raw body, as a receiver does. Raises Invalid.

    A timestamp more than five minutes from `at` is refused, which prevents replay.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Invalid(
            "webhook-timestamp: is not a number of seconds; pass it on unchanged",
            "webhook-timestamp：不是秒数，请原样传入",
        )
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise Invalid(
            "webhook-timestamp: is more than five minutes off; refuse the message and check the "
            "clock",
            "webhook-timestamp：与当前时间相差超过五分钟，请拒收并检查时钟",
        )
    right = signature(secrets, message_id, int(timestamp), body).encode().split()
    came = signatures.encode().split()
    # Compare all of them, each in constant time, so that the duration reveals nothing.
    same = [hmac.compare_digest(each, other) for each in came for other in right]
    if not any(same):
        raise Invalid(
            "webhook-signature: no signature is valid; refuse the message and check the secret",
            "webhook-signature：签名均不正确，请拒收并检查密钥",
        )


def _hmac(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise at_field(
            Invalid,
            "secret",
            "is not base64; use the secret returned when the webhook was created",
            "不是有效的 base64，请使用创建 webhook 时返回的密钥",
        ) from None
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
