"""The states of a delivery: pure. Each change raises its revision by one and adds to its history.

waiting ─► sending ─► sent
   │ ▲        ├─► waiting   retried later, with back-off
   │ └────────┤
   │          ├─► failed    after the last attempt, or when the receiver refuses it
   │          └─► parked    interrupted by a kill, on a channel that does not drop repeated ids
   └─► suppressed           it is no longer true, or the recipient wants none
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from roost import ids
from roost.events.notification import (
    MOST_ANSWERS,
    Answer,
    Delivery,
    DeliveryStatus,
    Hold,
    Notification,
    Step,
)
from roost.events.preferences import ChannelKind

STEPS = 20
"""Most steps in a delivery's history; the oldest are dropped."""


def waiting(
    notification: Notification,
    channel: ChannelKind,
    now: datetime,
    due_at: datetime,
    held_by: Hold | None = None,
) -> Delivery:
    """Return a new delivery, due now or later."""
    return _new(notification, channel, DeliveryStatus.WAITING, now, due_at, held_by)


def inbox_entry(notification: Notification, channel: ChannelKind, now: datetime) -> Delivery:
    """Return a new inbox delivery; it is sent by being recorded."""
    made = _new(notification, channel, DeliveryStatus.SENT, now, now)
    return made.model_copy(
        update={"message_id": notification.id, "posted_to_told_ms": _since(notification, now)}
    )


def suppressed(
    notification: Notification, channel: ChannelKind, now: datetime, why: str
) -> Delivery:
    """Return a new delivery that is not to be sent."""
    return _new(notification, channel, DeliveryStatus.SUPPRESSED, now, now, detail=why)


def planned_together(made: Sequence[Delivery]) -> list[Delivery]:
    """Return the rows of one plan; each names the channels of all, so any of them suffices."""
    channels = tuple(row.channel for row in made)
    return [row.model_copy(update={"planned": channels}) for row in made]


def claimed(row: Delivery, message_id: str, now: datetime, lease: timedelta) -> Delivery:
    """Return the row claimed: the first to write it may send, alone until the lease expires."""
    return _next(
        row,
        DeliveryStatus.SENDING,
        now,
        message_id=row.message_id or message_id,
        lease_until=now + lease,
        held_by=None,
        attempts=row.attempts + 1,
    )


def charged(row: Delivery, cost: int, parts: int, station: str | None, now: datetime) -> Delivery:
    """Return a claimed row with the cost of the attempt that follows, in addition to earlier ones.

    It keeps the time and the step of its claim.
    """
    return row.model_copy(
        update={
            "revision": row.revision + 1,
            "cost_milli_yuan": row.cost_milli_yuan + cost,
            "segments": parts,
            "charged_at": now,
            "station_id": station,
        }
    )


def refunded(row: Delivery, cost: int) -> Delivery:
    """Return a row without the cost of an attempt that the provider did not accept."""
    return row.model_copy(update={"cost_milli_yuan": row.cost_milli_yuan - cost})


def over_cap(row: Delivery, now: datetime, until: datetime, cap: str) -> Delivery:
    """Return a claimed row that waits until a cap on costs counts from 0 again."""
    waits = held(row, now, until, Hold.BUDGET, f"the {cap} cost cap is reached")
    return waits.model_copy(update={"attempts": row.attempts - 1})


def renamed(row: Delivery, message_id: str, now: datetime) -> Delivery:
    """Return a claimed row under the id of a message that only some of its rows were won for."""
    return _next(row, DeliveryStatus.SENDING, now, message_id=message_id)


def sent(row: Delivery, now: datetime) -> Delivery:
    """Return the row sent."""
    elapsed_ms = _since(row.notification, now)
    return _next(row, DeliveryStatus.SENT, now, lease_until=None, posted_to_told_ms=elapsed_ms)


def held(row: Delivery, now: datetime, until: datetime, why: Hold, detail: str = "") -> Delivery:
    """Return the row waiting until a later time."""
    return _next(
        row, DeliveryStatus.WAITING, now, detail, due_at=until, held_by=why, lease_until=None
    )


def interrupted(row: Delivery, now: datetime) -> Delivery:
    """Return a row whose sender was killed: it waits again and keeps its message id."""
    return _next(row, DeliveryStatus.WAITING, now, "cut off", due_at=now, lease_until=None)


def is_spare(row: Delivery) -> bool:
    """Return whether a row waits in case that the message on another channel stays unread."""
    return row.status is DeliveryStatus.WAITING and row.held_by is Hold.UNREAD


def hastened(row: Delivery, now: datetime) -> Delivery:
    """Return a row that waits for an unread message as due now: that message did not arrive."""
    why = "the message on the channel before it did not arrive"
    return _next(row, DeliveryStatus.WAITING, now, why, due_at=now, held_by=None)


def ended(row: Delivery, status: DeliveryStatus, now: datetime, why: str) -> Delivery:
    """Return the row failed, suppressed or parked."""
    return _next(row, status, now, why, held_by=None, lease_until=None)


def was_tried(row: Delivery) -> bool:
    """Return whether a claimed row was claimed before: an earlier attempt may have arrived."""
    claims = (step.status is DeliveryStatus.SENDING for step in row.history)
    return row.attempts > 1 or sum(claims) > 1


def retried(row: Delivery, now: datetime) -> Delivery:
    """Return a failed or parked row that a person queued again, with new attempts."""
    return _next(row, DeliveryStatus.WAITING, now, "retried", due_at=now, held_by=None, attempts=0)


def untried(
    row: Delivery, now: datetime, until: datetime, why: str = "the channel is paused"
) -> Delivery:
    """Return a claimed row as waiting again; the attempt does not count."""
    waits = held(row, now, max(until, now), Hold.RETRY, why)
    return waits.model_copy(update={"attempts": row.attempts - 1})


def resent(row: Delivery, now: datetime) -> Delivery:
    """Return a row whose owner wants it again: due now, under the same message id."""
    return _next(row, DeliveryStatus.WAITING, now, "resent", due_at=now, held_by=None, attempts=0)


def answered(row: Delivery, answer: Answer) -> Delivery:
    """Return the row with a further answer of its receiver; no change of status."""
    return row.model_copy(update={"answers": (*row.answers, answer)[-MOST_ANSWERS:]})


def receipted(row: Delivery, kind: str, at: datetime) -> Delivery | None:
    """Return the row read or answered by the recipient; None if that is recorded already."""
    field = f"{kind}_at"
    if getattr(row, field) is not None:
        return None
    step = Step(at=at, status=row.status, why=kind)
    return row.model_copy(
        update={
            field: at,
            "revision": row.revision + 1,
            "history": (*row.history, step)[-STEPS:],
        }
    )


REPORTED_LATE = frozenset({DeliveryStatus.WAITING, DeliveryStatus.PARKED})
"""States in which a report settles whether the last attempt arrived."""


def arrived(row: Delivery, at: datetime) -> Delivery | None:
    """Return the row with the provider's report that it arrived; None if that is recorded already.

    A row whose attempt had an unknown outcome is sent by it. One that is being sent keeps its
    state: its sender, or the process that takes it over, ends it.
    """
    if row.delivered_at is not None or row.message_id is None:
        return None
    changes: dict[str, object] = {"delivered_at": at}
    if row.status in REPORTED_LATE:
        sent_now = sent(row, at)
        return sent_now.model_copy(update=changes | {"held_by": None})
    step = Step(at=at, status=row.status, why="delivered")
    history = (*row.history, step)[-STEPS:]
    return row.model_copy(update=changes | {"revision": row.revision + 1, "history": history})


def undelivered(row: Delivery, at: datetime, code: str) -> Delivery | None:
    """Return a sent row as failed by the provider's report; None if the report changes nothing."""
    if row.status is not DeliveryStatus.SENT or row.delivered_at is not None:
        return None
    return ended(row, DeliveryStatus.FAILED, at, f"the provider could not deliver it: {code}")


def outcome_upon(current: Delivery, ended: Delivery) -> Delivery:
    """Return the outcome of an attempt on top of a row that a receipt changed meanwhile."""
    return ended.model_copy(
        update={
            "revision": current.revision + 1,
            "read_at": current.read_at,
            "answered_at": current.answered_at,
            "delivered_at": current.delivered_at,
            "history": (*current.history, ended.history[-1])[-STEPS:],
        }
    )


def _new(
    notification: Notification,
    channel: ChannelKind,
    status: DeliveryStatus,
    now: datetime,
    due_at: datetime,
    held_by: Hold | None = None,
    detail: str = "",
) -> Delivery:
    return Delivery.model_construct(
        id=ids.delivery_id(notification.id, channel.value),
        notification=notification,
        channel=channel,
        status=status,
        revision=1,
        due_at=due_at,
        held_by=held_by,
        attempts=0,
        at=now,
        message_id=None,
        lease_until=None,
        detail=detail,
        posted_to_told_ms=0,
        read_at=None,
        answered_at=None,
        delivered_at=None,
        cost_milli_yuan=0,
        segments=0,
        charged_at=None,
        station_id=None,
        answers=(),
        history=(_step(now, status, held_by, due_at, detail),),
        planned=(),
    )


def _next(
    row: Delivery, status: DeliveryStatus, now: datetime, detail: str = "", **changes: object
) -> Delivery:
    held_by, due_at = changes.get("held_by"), changes.get("due_at", row.due_at)
    assert isinstance(due_at, datetime)
    step = _step(now, status, held_by if isinstance(held_by, Hold) else None, due_at, detail)
    return row.model_copy(
        update={
            **changes,
            "status": status,
            "at": now,
            "detail": detail,
            "revision": row.revision + 1,
            "history": (*row.history, step)[-STEPS:],
        }
    )


def _step(
    now: datetime, status: DeliveryStatus, held_by: Hold | None, due_at: datetime, detail: str
) -> Step:
    why = f"{held_by.value} until {due_at.isoformat(timespec='seconds')}" if held_by else detail
    return Step.model_construct(at=now, status=status, why=why)


def _since(notification: Notification, now: datetime) -> int:
    return max(0, int((now - notification.caused_at).total_seconds() * 1000))
