"""History of a delivery as one ordered timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from api.notifications.schemas import ChannelTimeline, DeliveryStep, TimelineEntry
from roost.events.notification import Delivery, DeliveryStatus, Step


def channel_timeline(delivery: Delivery) -> ChannelTimeline:
    """Return the status and the timeline of a delivery."""
    return ChannelTimeline(
        channel=delivery.channel,
        status=delivery.status,
        held_by=delivery.held_by,
        due_at=delivery.due_at,
        attempts=delivery.attempts,
        detail=delivery.detail,
        timeline=timeline_entries(delivery),
    )


def timeline_entries(delivery: Delivery) -> list[TimelineEntry]:
    """Return the steps, oldest first; simultaneous ones keep their recorded order."""
    return sorted(_unordered_entries(delivery), key=lambda entry: entry.at)


def _unordered_entries(delivery: Delivery) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=delivery.notification.caused_at, what=DeliveryStep.CREATED)
    steps = _steps(delivery)
    for number, step in enumerate(steps):
        yield _entry(delivery, step, is_last=number == len(steps) - 1)
    for at, what in (
        (delivery.delivered_at, DeliveryStep.DELIVERED),
        (delivery.read_at, DeliveryStep.READ),
        (delivery.answered_at, DeliveryStep.ANSWERED),
    ):
        if at is not None:
            yield TimelineEntry(at=at, what=what)


def _steps(delivery: Delivery) -> tuple[Step, ...]:
    """Return the history, completed by the current status if it does not end with it."""
    history = delivery.history
    if history and history[-1].status is delivery.status:
        return history
    return (*history, Step(at=delivery.at, status=delivery.status, why=delivery.detail))


def _entry(delivery: Delivery, step: Step, *, is_last: bool) -> TimelineEntry:
    if step.status is not DeliveryStatus.WAITING:
        return TimelineEntry(at=step.at, what=DeliveryStep(step.status.value), why=step.why)
    hold = delivery.held_by.value if is_last and delivery.held_by else ""
    why = step.why or hold
    return TimelineEntry(
        at=step.at,
        what=DeliveryStep.HELD if why else DeliveryStep.WAITING,
        why=why,
        until=delivery.due_at if is_last and why else None,
    )
