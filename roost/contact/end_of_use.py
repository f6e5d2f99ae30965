"""The end of use of each kind of notification: from then on nobody is notified of its cause. Pure.

It bounds the effect of whatever delays a message: a stage that was down, a topic that is replayed,
a contact that is named months after the decision it would be told of. The limits are longer than
the longest snooze (30 days) for kinds that a snooze can hold. `streams/notify` publishes nothing
beyond the end, and `streams/deliver` sends no message to a person beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from roost.contact.address_codes import VALID_FOR
from roost.events.notification import Notification, NotificationKind

K = NotificationKind
DAY = timedelta(days=1)
OF_USE_FOR: Mapping[NotificationKind, timedelta] = MappingProxyType(
    {
        K.NEW_MATCH: 60 * DAY,
        K.MATCH_CLAIMED: 60 * DAY,
        K.INTERVIEW_SET: 60 * DAY,  # and never after the interview has begun
        K.INTERVIEW_CANCELLED: 60 * DAY,  # likewise
        K.INTERVIEW_REMINDER: DAY,
        K.MATCH_PLACED: 60 * DAY,
        K.OPENING_CLOSED: 14 * DAY,
        K.OPENING_PAUSED: 60 * DAY,
        K.OPENING_RESUMED: 60 * DAY,
        K.REQUEST_ANSWERED: 90 * DAY,
        K.POLICY_NEWS: 60 * DAY,
        K.QUEUE_NEW: 7 * DAY,
        K.MATCH_WITHDRAWN: 7 * DAY,
        K.MATCH_WAITING: DAY,  # the alert is repeated daily
        K.STATION_MESSAGE: 60 * DAY,
        K.SHARING_ASKED: 14 * DAY,  # and never after the time for an answer
        K.SHARING_ANSWERED: 14 * DAY,
        K.SAVED_SEARCH: 14 * DAY,
        K.ADDRESS_CODE: VALID_FOR,
        K.SIGN_IN_CODE: VALID_FOR,
        K.WEBHOOK_DISABLED: 30 * DAY,
        K.OPENING_APPROVED: 30 * DAY,
        K.OPENING_REFUSED: 30 * DAY,
        K.OPENING_HELD: 30 * DAY,
        K.CANDIDATE_REFERRED: 30 * DAY,
        K.CANDIDATES_REQUESTED: 14 * DAY,
        K.CANDIDATES_ANSWERED: 30 * DAY,
    }
)
"""Time from the cause to the end of use."""


def end_of_use(notification: Notification) -> datetime:
    """Return when a notification is of no more use, by its kind and the time of its cause."""
    return notification.caused_at + OF_USE_FOR[notification.kind]
