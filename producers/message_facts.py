"""Facts around messages: stops, notification settings, notices and receipts.

Functions return the event and the record that carries it, or the record alone. They do not
publish.
"""

from __future__ import annotations

from datetime import datetime

from producers.facts import API
from producers.located_places import gazetteer_key
from producers.notification_kinds import check_preferences
from roost import ids
from roost.events.envelope import Record, content_id, record, tombstone
from roost.events.notice import Notice, NoticeContent
from roost.events.notification import Delivery, Notification
from roost.events.preferences import ChannelKind, OwnPreferences, Preferences, Stop, StoppedBy
from roost.events.receipt import Receipt, ReceiptKind
from roost.places.resolutions import PlaceContext
from roost.topics import NOTICES, PREFERENCES, STOPS


def stop_said(
    worker_id: str, by: StoppedBy, *, at: datetime, stopped: bool = True
) -> tuple[Stop, Record]:
    """Record that a worker wants no more messages or, with `stopped` false, wants them again."""
    stop = Stop(worker_id=worker_id, stopped=stopped, by=by, at=at)
    return stop, record(stop, worker_id, source=API, at=at)


def stop_erased(worker_id: str, *, at: datetime) -> Record:
    return tombstone(STOPS, worker_id, source=API, at=at)


def preferences_chosen(
    content: Preferences, worker_id: str, *, at: datetime
) -> tuple[OwnPreferences, Record]:
    """Record a worker's notification settings. Raises Invalid for an unknown notification kind."""
    check_preferences(content)
    fields = {name: getattr(content, name) for name in Preferences.model_fields}
    chosen = OwnPreferences(worker_id=worker_id, chosen_at=at, **fields)
    return chosen, record(chosen, worker_id, source=API, at=at)


def preferences_erased(worker_id: str, *, at: datetime) -> Record:
    """Erase a worker's settings, so that those of the profile apply again."""
    return tombstone(PREFERENCES, worker_id, source=API, at=at)


def notice_posted(
    content: NoticeContent, *, at: datetime, reference: str, context: PlaceContext | None = None
) -> tuple[Notice, Record]:
    """Create a notice. The same content under one reference is the same notice."""
    places = tuple(
        gazetteer_key(place, f"audience.places.{number}", context)
        for number, place in enumerate(content.audience.places)
    )
    fields = {name: getattr(content, name) for name in NoticeContent.model_fields}
    fields["audience"] = content.audience.model_copy(update={"places": places})
    id = ids.derive("b", reference, content_id("", "", content.to_json()))
    notice = Notice(id=id, posted_at=at, **fields)
    return notice, record(notice, id, source=API, at=at)


def notice_erased(id: str, *, at: datetime) -> Record:
    return tombstone(NOTICES, id, source=API, at=at)


def receipt_given(
    notification: Notification, kind: ReceiptKind, *, at: datetime
) -> tuple[Receipt, Record]:
    """Record that the recipient has read or answered a notification in the inbox."""
    receipt = Receipt(
        id=ids.derive("r", notification.id, kind.value),
        notification_id=notification.id,
        recipient=notification.recipient,
        kind=kind,
        at=at,
    )
    return receipt, record(receipt, notification.id, source=API, at=at)


def delivery_reported(
    delivery: Delivery, kind: ReceiptKind, code: str, *, at: datetime
) -> tuple[Receipt, Record]:
    """Record a provider's report on a message; the same report is the same receipt."""
    notification = delivery.notification
    receipt = Receipt(
        id=ids.derive("r", delivery.id, kind.value, code),
        notification_id=notification.id,
        recipient=notification.recipient,
        kind=kind,
        channel=delivery.channel,
        at=at,
        code=code,
    )
    return receipt, record(receipt, notification.id, source=API, at=at)


def resend_asked(notification: Notification, *, at: datetime) -> tuple[Receipt, Record]:
    """Record that a webhook's owner wants a message again."""
    receipt = Receipt(
        id=ids.derive("r", notification.id, ReceiptKind.RESEND.value, at.isoformat()),
        notification_id=notification.id,
        recipient=notification.recipient,
        kind=ReceiptKind.RESEND,
        channel=ChannelKind.WEBHOOK,
        at=at,
    )
    return receipt, record(receipt, notification.id, source=API, at=at)
