"""The notify stage in memory: which facts notify an employer that has a contact, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from producers import opening_decisions
from roost import ids
from roost.contact.end_of_use import OF_USE_FOR
from roost.events.envelope import decode, value_of
from roost.events.match import MatchState
from roost.events.notification import Notification, NotificationKind, RecipientKind
from roost.kafka.incoming import Fact, Incoming
from roost.places.gazetteer import gazetteer
from roost.time.station_hours import by_the_clock
from roost.topics import EMPLOYERS, MATCHES, NOTIFICATIONS, OPENINGS, OUTAGES, WEBHOOKS, Topic
from roost.views.answers import Page
from streams.notify.notify_stage import NotifyStage
from streams.queue.batch import SOURCE
from streams.queue.match_projection import project_matches
from streams.views.foreign_records import ForeignRecords
from streams.views.projections import Recovery
from tests.stack.kept import Healed
from tests.unit.streams.in_memory import (
    NOON,
    InMemoryElastic,
    InMemorySender,
    Process,
    World,
    incoming,
    run,
)
from tests.unit.streams.test_employer_messages import HOOK, OUTAGE, OWNER, RECORD, referred
from tests.unit.streams.test_employer_messages import UNLAWFUL as WORDS
from tests.unit.streams.test_employer_messages import waiting_opening as opening

K = NotificationKind


class NoStations:
    async def all(self) -> tuple[()]:
        return ()


class Views(InMemoryElastic):
    """Views without subscribed webhooks."""

    async def search(self, view: str, body: Any) -> Page:
        return Page((), 0)


class Stage:
    """The notify stage over one world; each call is a new process, as after a kill."""

    def __init__(self, *, contact: bool = True) -> None:
        self.world = World()
        self.recovery: Callable[[Process], Recovery] = lambda process: Healed()
        if contact:
            self.world.put(EMPLOYERS.name, RECORD, 1, {"channels": []})
        self.world.documents[WEBHOOKS.name, HOOK] = (1, {"version": 1, "employer_id": OWNER})

    def handle(self, *facts: Fact[Any]) -> None:
        process = Process(self.world)
        hours = by_the_clock(ZoneInfo("Asia/Shanghai"))
        stage = NotifyStage(
            Views(process),
            InMemorySender(process),
            self.world.clock,
            gazetteer(),
            hours,
            timedelta(hours=4),
            NoStations(),
            self.recovery(process),
            ForeignRecords(Views(process), MATCHES, SOURCE, project_matches),
        )
        run(stage.handle(facts))

    @property
    def told(self) -> list[Notification]:
        said = [each for each in self.world.said if each.topic is NOTIFICATIONS]
        found = [decode(Notification, value_of(each)) for each in said]
        return [each for each in found if each.recipient.kind is RecipientKind.EMPLOYER]


def fact(topic: Topic, event: Any, version: int = 3) -> Fact[Any]:
    return Fact(event.id, event, replace(incoming(topic, event.id, SOURCE), offset=version - 1))


def causes() -> list[tuple[NotificationKind, Fact[Any]]]:
    approved, _ = opening_decisions.opening_approved(opening(), at=NOON)
    refused, _ = opening_decisions.opening_refused(opening(), at=NOON)
    held = opening(awaiting_approval=False, review=(WORDS,))
    return [
        (K.WEBHOOK_DISABLED, fact(OUTAGES, OUTAGE)),
        (K.OPENING_APPROVED, fact(OPENINGS, approved)),
        (K.OPENING_REFUSED, fact(OPENINGS, refused)),
        (K.OPENING_HELD, fact(OPENINGS, held)),
        (K.CANDIDATE_REFERRED, fact(MATCHES, referred())),
    ]


def with_opening(stage: Stage) -> Stage:
    id = ids.opening_id("ref", "1")
    stage.world.documents[OPENINGS.name, id] = (1, {"version": 1, "employer_id": OWNER})
    return stage


@pytest.mark.parametrize(("kind", "cause"), causes(), ids=lambda each: str(each)[:20])
def test_an_employer_with_a_contact_is_notified_once_also_after_a_kill(
    kind: NotificationKind, cause: Fact[Any]
) -> None:
    stage = with_opening(Stage())
    stage.handle(cause, cause)
    stage.handle(cause)
    (told,) = stage.told
    assert (told.kind, told.recipient.id) == (kind, RECORD)


@pytest.mark.parametrize(("kind", "cause"), causes(), ids=lambda each: str(each)[:20])
def test_an_employer_without_a_contact_is_not_notified(
    kind: NotificationKind, cause: Fact[Any]
) -> None:
    stage = with_opening(Stage(contact=False))
    stage.handle(cause)
    assert stage.told == []
    stage.world.put(EMPLOYERS.name, RECORD, 2, None)
    stage.handle(cause)
    assert stage.told == [], "the contact is erased"


def test_other_facts_of_openings_and_partners_webhooks_notify_no_employer() -> None:
    stage = Stage()
    stage.world.documents[WEBHOOKS.name, HOOK] = (2, {})
    accepted = referred(state=MatchState.CONTACTED, referred_at=None)
    stage.handle(
        fact(OUTAGES, OUTAGE),
        fact(OPENINGS, opening()),
        fact(OPENINGS, opening(awaiting_approval=False)),
        fact(MATCHES, accepted),
        Fact("o-x", None, Incoming(OPENINGS, 0, 9, b"o-x", None, NOON)),
    )
    assert stage.told == []


@pytest.mark.parametrize(("kind", "cause"), causes(), ids=lambda each: str(each)[:20])
def test_nobody_is_notified_of_a_cause_of_no_more_use(
    kind: NotificationKind, cause: Fact[Any]
) -> None:
    """An edit repeats the decision in the record; the employer may have named a contact since."""
    stage = with_opening(Stage())
    stage.world.clock.moment = NOON + OF_USE_FOR[kind]
    stage.handle(cause)
    assert stage.told == []
    stage.world.clock.moment = NOON + OF_USE_FOR[kind] - timedelta(minutes=1)
    stage.handle(cause)
    assert [each.kind for each in stage.told] == [kind]
