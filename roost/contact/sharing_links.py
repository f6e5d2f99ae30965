"""Links with which a worker answers whether an employer may have name and contact details.

A token names the match and the time of the question, and is signed under the county's key. It needs
no password, is not stored, and is valid for this question alone.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from roost.contact.stop_links import WrongLink
from roost.errors import at_field
from roost.security.county_key import derived

PATH = "/v1/sharing"
PURPOSE = "sharing-link"
SIGNATURE_BYTES = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"([a-z2-7]{26}\.[a-z2-7]{26})\.([0-9a-f]{1,16})\.([A-Za-z0-9_-]{22})")


class ClosedQuestion(WrongLink):
    """The link answers no question: incomplete, or of a question that is closed."""

    slug = "closed-question"
    title = "The link is closed"
    title_zh = "链接已失效"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about sharing: the match, and the time of the question."""

    match_id: str
    asked_at: datetime


def sharing_url(public_url: str, key: bytes, question: Question) -> str:
    """Return the link that answers a question."""
    return f"{public_url.rstrip('/')}{PATH}/{sharing_token(key, question)}"


def sharing_token(key: bytes, question: Question) -> str:
    """Return the token of a question's link."""
    stamp = f"{(question.asked_at - EPOCH) // timedelta(microseconds=1):x}"
    return f"{question.match_id.removeprefix('m-')}.{stamp}.{_signature(key, question)}"


def question_of(key: bytes, token: str) -> Question:
    """Return the question that a token answers. Raises ClosedQuestion."""
    parts = _TOKEN.fullmatch(token)
    if parts is not None:
        asked_at = EPOCH + timedelta(microseconds=min(int(parts[2], 16), 2**52))
        question = Question(f"m-{parts[1]}", asked_at)
        # The text is compared, not the bytes: base64 has several spellings of the same bytes.
        if hmac.compare_digest(token, sharing_token(key, question)):
            return question
    raise no_question()


def no_question() -> ClosedQuestion:
    """Return the error for a link that answers no question."""
    return at_field(
        ClosedQuestion,
        "token",
        "the link is incomplete, or its question is closed; open the complete link of the newest "
        "message, or ask your station.",
        "链接不完整或征询已结束，请打开最新消息中的完整链接，或咨询服务站。",
    )


def _signature(key: bytes, question: Question) -> str:
    at = question.asked_at.astimezone(UTC).isoformat()
    signed = derived(key, PURPOSE, f"{question.match_id}/{at}")[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signed).decode("ascii").rstrip("=")
