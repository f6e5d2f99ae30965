"""A delivery's history as one ordered timeline: pure."""

from __future__ import annotations

from collections.abc import Iterator

from api.notifications.schemas import ChannelStory, Happening, Moment
from roost.events.notification import Delivery, DeliveryStatus, Step


def story(delivery: Delivery) -> ChannelStory:
    return ChannelStory(
        channel=delivery.channel,
        status=delivery.status,
        held_by=delivery.held_by,
        due_at=delivery.due_at,
        attempts=delivery.attempts,
        detail=delivery.detail,
        timeline=timeline(delivery),
    )


def timeline(delivery: Delivery) -> list[Moment]:
    """Oldest first; of one moment, in the order in which it was said."""
    return sorted(_moments(delivery), key=lambda moment: moment.at)


def _moments(delivery: Delivery) -> Iterator[Moment]:
    yield Moment(at=delivery.notification.caused_at, what=Happening.CREATED)
    steps = _steps(delivery)
    for number, step in enumerate(steps):
        yield _moment(delivery, step, now=number == len(steps) - 1)
    for at, what in (
        (delivery.read_at, Happening.READ),
        (delivery.answered_at, Happening.ANSWERED),
    ):
        if at is not None:
            yield Moment(at=at, what=what)


def _steps(delivery: Delivery) -> tuple[Step, ...]:
    """The history, to which a row that says nothing of its present state gets that added."""
    known = delivery.history
    if known and known[-1].status is delivery.status:
        return known
    return (*known, Step(at=delivery.at, status=delivery.status, why=delivery.detail))


def _moment(delivery: Delivery, step: Step, *, now: bool) -> Moment:
    if step.status is not DeliveryStatus.WAITING:
        return Moment(at=step.at, what=Happening(step.status.value), why=step.why)
    hold = delivery.held_by.value if now and delivery.held_by else ""
    why = step.why or hold
    return Moment(
        at=step.at,
        what=Happening.HELD if why else Happening.WAITING,
        why=why,
        until=delivery.due_at if now and why else None,
    )
