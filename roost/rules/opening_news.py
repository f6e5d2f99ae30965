"""Ids of messages to employers about their openings: shared by the stages that plan and send. Pure.

An id names its cause: a decision or referral by its time, a review by the words that wait. So a
repeat notifies nobody again, and a message whose cause has changed is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from roost import ids
from roost.events.notification import NotificationKind
from roost.events.opening import Decision, ReviewMark


def kind_of_decision(decision: Decision) -> NotificationKind:
    """Return the kind of message that reports a decision."""
    approved = NotificationKind.OPENING_APPROVED
    return approved if decision.approved else NotificationKind.OPENING_REFUSED


def decision_id(recipient_id: str, opening_id: str, decision: Decision) -> str:
    """Return the id of the message about a decision on an opening."""
    cause = f"{opening_id}/{decision.at.astimezone(UTC).isoformat()}"
    return ids.notification_id(recipient_id, cause, kind_of_decision(decision).value, 1)


def referral_id(recipient_id: str, match_id: str, at: datetime) -> str:
    """Return the id of the message about a candidate who was referred at a time."""
    cause = f"{match_id}/{at.astimezone(UTC).isoformat()}"
    return ids.notification_id(recipient_id, cause, NotificationKind.CANDIDATE_REFERRED.value, 1)


def review_id(recipient_id: str, opening_id: str, review: Iterable[ReviewMark]) -> str | None:
    """Return the id of the message about words that wait for review; None if none wait."""
    waiting = sorted({(each.criterion, each.words) for each in review if not each.approved})
    if not waiting:
        return None
    cause = "/".join([opening_id, *(f"{criterion}:{words}" for criterion, words in waiting)])
    return ids.notification_id(recipient_id, cause, NotificationKind.OPENING_HELD.value, 1)
