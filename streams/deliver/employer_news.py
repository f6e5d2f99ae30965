"""Validity of messages to employers, by the views. Pure."""

from __future__ import annotations

from datetime import datetime

from roost import ids
from roost.events.match import MatchState
from roost.events.notification import Notification, NotificationKind
from roost.events.opening import Decision, OpeningStatus, ReviewMark
from roost.rules.interview_news import INTERVIEW_NEWS, interview_obstacle, interview_pending
from roost.rules.opening_news import decision_id, referral_id, review_id
from roost.rules.request_states import request_obstacle, request_pending
from roost.views.elastic import Json
from streams.deliver.contexts import Context


def obstacle_of(notification: Notification, context: Context) -> str:
    """Return why a message to an employer is not sent; empty if it may be."""
    if notification.kind is NotificationKind.WEBHOOK_DISABLED:
        return _obstacle_of_outage(notification, context)
    if cause_is_pending(notification, context):
        return ""
    opening = context.opening
    if opening is None:
        return "the opening is erased"
    if _key_of(opening.get("hiringOrganization", {}).get("id")) != notification.recipient.id:
        return "the opening belongs to another employer"
    if notification.kind is NotificationKind.CANDIDATES_ANSWERED:
        return request_obstacle(notification, context.request)
    if notification.kind is NotificationKind.CANDIDATE_REFERRED:
        return _obstacle_of_referral(notification, context)
    if notification.kind in INTERVIEW_NEWS:
        return interview_obstacle(notification, _fact_of(context.match or {}))
    if _current_id(notification, opening) != notification.id:
        return "the opening was decided on or edited since"
    return ""


def cause_is_pending(notification: Notification, context: Context) -> bool:
    """Return whether the view lags behind the cause, which is published first."""
    match = context.match or {}
    if notification.kind in INTERVIEW_NEWS:
        return not match.get("erased") and interview_pending(notification, _fact_of(match))
    if notification.kind is NotificationKind.CANDIDATES_ANSWERED:
        return request_pending(notification, context.request)
    if notification.kind is NotificationKind.CANDIDATE_REFERRED:
        known = match.get("erased") or _fact_of(match).get("revision", 0) >= notification.version
        return not known
    if notification.kind is NotificationKind.WEBHOOK_DISABLED:
        return int((context.outage or {}).get("enabling", 0)) < notification.version
    return context.opening_version < notification.version


def _obstacle_of_outage(notification: Notification, context: Context) -> str:
    webhook = context.webhook
    if webhook is None:
        return "the webhook is removed"
    if _key_of(webhook.get("employerId")) != notification.recipient.id:
        return "the webhook belongs to another employer"
    if webhook.get("enabling", 1) != notification.version:
        return "the webhook is switched on again"
    return ""


def _obstacle_of_referral(notification: Notification, context: Context) -> str:
    match = _fact_of(context.match or {})
    if match.get("state") != MatchState.REFERRED.value or not match.get("referredAt"):
        return "the match is not referred any more"
    at = datetime.fromisoformat(match["referredAt"])
    current = referral_id(notification.recipient.id, notification.match_id or "", at)
    return "" if current == notification.id else "the match was referred again"


def _fact_of(match: Json) -> Json:
    return dict(match.get("fact") or {})


def _current_id(notification: Notification, opening: Json) -> str | None:
    """Return the id that a message of this kind about the opening has now; None for none."""
    recipient, id = notification.recipient.id, notification.opening_id or ""
    is_open = opening.get("status", "open") == OpeningStatus.OPEN.value
    if notification.kind is NotificationKind.OPENING_HELD:
        marks = [ReviewMark.from_stored(each) for each in opening.get("review") or ()]
        return review_id(recipient, id, marks) if is_open else None
    decision = opening.get("decision")
    refused = notification.kind is NotificationKind.OPENING_REFUSED
    if decision is None or (refused and is_open):
        return None
    return decision_id(recipient, id, Decision.from_stored(decision))


def _key_of(employer_id: str | None) -> str | None:
    return ids.employer_key(employer_id) if employer_id else None
