"""Validity of messages to employers about their own webhooks, by the current views: pure."""

from __future__ import annotations

from roost import ids
from roost.events.notification import Notification
from streams.deliver.contexts import Context


def obstacle_of_outage(notification: Notification, context: Context) -> str:
    """Return why a message about a disabled webhook is not sent; empty if it may be."""
    webhook = context.webhook
    if webhook is None:
        return "the webhook is removed"
    owner = webhook.get("employerId")
    if owner is None or ids.employer_key(owner) != notification.recipient.id:
        return "the webhook belongs to another employer"
    if webhook.get("enabling", 1) != notification.version:
        return "the webhook is switched on again"
    return ""


def outage_is_pending(notification: Notification, context: Context) -> bool:
    """Return whether the view lags behind the outage, which is published first."""
    return (context.outage or {}).get("enabling", 0) < notification.version
