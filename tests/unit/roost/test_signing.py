"""Signatures of webhooks match the published vector, and a receiver refuses wrong ones."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from roost.errors import Invalid
from roost.security.signing import ROTATION, TOLERANCE, secret_of, secrets_at, signature, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""Test vector of the libraries of Standard Webhooks."""
AT = datetime.fromtimestamp(TIMESTAMP, UTC)
KEY = b"k" * 32
ID = "h-" + "a" * 26


def checked(**changes: object) -> None:
    said: dict[str, object] = {
        "secrets": [SECRET],
        "message_id": MESSAGE,
        "timestamp": str(TIMESTAMP),
        "signatures": SIGNATURE,
        "body": BODY,
        "at": AT,
    }
    verify(**{**said, **changes})  # type: ignore[arg-type]


def test_the_published_vector_is_signed_and_verified() -> None:
    assert signature([SECRET], MESSAGE, TIMESTAMP, BODY) == SIGNATURE
    checked()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b" "},
        {"message_id": MESSAGE + "x"},
        {"timestamp": str(TIMESTAMP + 1)},
        {"signatures": SIGNATURE.replace("v1,", "v2,")},
        {"signatures": ""},
        {"signatures": "v1,签名"},
        {"secrets": ["whsec_" + base64.b64encode(b"another").decode()]},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="webhook-signature"):
        checked(**changes)


@pytest.mark.parametrize("off", [1, -1])
def test_a_stale_or_early_timestamp_is_refused_and_one_within_tolerance_is_not(off: int) -> None:
    checked(at=AT + off * TOLERANCE)
    with pytest.raises(Invalid, match="five minutes"):
        checked(at=AT + off * (TOLERANCE + timedelta(seconds=1)))


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "٣", "9" * 400])
def test_a_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(Invalid, match="webhook-timestamp"):
        checked(timestamp=timestamp)


def test_a_secret_that_is_not_base64_is_told_without_being_shown() -> None:
    with pytest.raises(Invalid) as refused:
        checked(secrets=["whsec_hush!"])
    assert "hush" not in str(refused.value)


def test_secrets_differ_by_key_webhook_and_number_and_stay_the_same() -> None:
    made = [
        secret_of(KEY, ID, 1),
        secret_of(KEY, ID, 2),
        secret_of(KEY, ID[:-1] + "b", 1),
        secret_of(b"j" * 32, ID, 1),
    ]
    assert len(set(made)) == 4
    assert secret_of(KEY, ID, 1) == made[0]
    assert len(base64.b64decode(made[0].removeprefix("whsec_"), validate=True)) == 32


def test_for_a_day_after_a_rotation_both_secrets_sign() -> None:
    old, new = secret_of(KEY, ID, 1), secret_of(KEY, ID, 2)
    assert secrets_at(KEY, ID, 1, None, AT) == [old]
    assert secrets_at(KEY, ID, 2, AT, AT + ROTATION) == [new]
    within = secrets_at(KEY, ID, 2, AT, AT + ROTATION - timedelta(seconds=1))
    assert within == [new, old]
    signed = signature(within, MESSAGE, TIMESTAMP, BODY)
    assert len(signed.split(" ")) == 2
    for secret in within:
        checked(secrets=[secret], signatures=signed)
