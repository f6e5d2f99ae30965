"""A receiver verifies what the server signs, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from roost.security.signing import secret_of, signature
from roost_client import NotVerified, verified

KEY = b"0" * 32
SECRET, FORMER = secret_of(KEY, "h-1", 2), secret_of(KEY, "h-1", 1)
BODY = '{"kind": "match_placed", "title": "砌筑工\u2028抹灰工"}'.encode()


def headers(secret: str = SECRET, *, at: float | None = None, **changed: str) -> dict[str, str]:
    moment = int(time.time() if at is None else at)
    return {
        "Webhook-Id": "n-1.webhook",
        "Webhook-Timestamp": str(moment),
        "Webhook-Signature": signature([secret], "n-1.webhook", moment, BODY),
    } | changed


def test_a_message_of_the_server_is_verified() -> None:
    assert verified(SECRET, headers(), BODY) == {
        "kind": "match_placed",
        "title": "砌筑工\u2028抹灰工",
    }


def test_during_a_rotation_either_secret_verifies() -> None:
    assert verified([SECRET, FORMER], headers(FORMER), BODY)
    assert verified([FORMER, SECRET], headers(SECRET), BODY)


@pytest.mark.parametrize(
    "wrong",
    [
        headers(FORMER),
        headers(at=time.time() - 3_600),
        headers(at=time.time() + 3_600),
        headers(**{"Webhook-Id": "n-2.webhook"}),
        headers(**{"Webhook-Signature": ""}),
        headers(**{"Webhook-Signature": "v1"}),
        headers(**{"Webhook-Signature": "v1,a,b"}),
        headers(**{"Webhook-Signature": "v1,*"}),
        headers(**{"Webhook-Timestamp": "noon"}),
        {},
    ],
)
def test_anything_else_is_refused(wrong: Mapping[str, str]) -> None:
    with pytest.raises(NotVerified):
        verified(SECRET, wrong, BODY)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(NotVerified):
        verified(SECRET, headers(), BODY + b" ")


def test_a_body_that_is_not_text_is_refused() -> None:
    with pytest.raises(NotVerified):
        verified(SECRET, headers(), b"\xff\xfe")
