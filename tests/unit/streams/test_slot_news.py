"""News of interviews at slots: moves, cancellations, choices by workers, details, reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from roost.events.interview_slot import InterviewSlot
from roost.events.match import ActionKind, Actor, Match, MatchState, Role
from roost.events.note import InterviewDetails
from roost.events.notification import URGENT, NotificationKind, sent_alone
from roost.events.preferences import ChannelKind, DeliveryPreferences, QuietHours
from roost.places.gazetteer import gazetteer
from roost.rules.interview_details import details_in_force
from roost.rules.interview_news import interview_obstacle, is_reminder_due
from roost.time.station_hours import by_the_clock
from roost.topics import MATCHES
from roost.views.elastic import Hit, Json, Page
from streams.deliver.retries import of_use_until
from streams.deliver.timing import CountyDefaults, pause
from streams.notify import rules
from streams.notify.notify_stage import NotifyStage
from streams.queue.action_effects import apply_action
from streams.queue.match_projection import project_matches
from streams.queue.slot_bookings import SlotBook, follow_slot
from streams.views.foreign_records import ForeignRecords
from tests.unit.streams.in_memory import InMemoryElastic, InMemorySender, Process, World, run
from tests.unit.streams.test_actions import LI, NOW, SOMEBODY
from tests.unit.streams.test_employer_notifications import SOURCE, Healed, NoStations
from tests.unit.streams.test_interview_news import CANCELLED, SET, news
from tests.unit.streams.test_planning import KNOWN
from tests.unit.streams.test_slot_bookings import BOSS, action, booked, referred, slot

K = NotificationKind
DETAILS = InterviewDetails(place="东门接待室", documents="身份证")
CLERK_MOVED = Actor(role=Role.CLERK, id="li")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def chosen(by: Actor = LI, **changes: Any) -> tuple[Match, InterviewSlot]:
    one = slot(at=NOW + timedelta(days=3), interview=DETAILS, **changes)
    book = SlotBook({one.id: one})
    match = referred(1).model_copy(update={"station_id": "s-" + "a" * 26})
    if by == LI:
        return booked(match, one, book), one
    changed = apply_action(match, action(1, ActionKind.BOOK, 1, by, slot_id=one.id), book)
    assert changed is not None
    return changed, one


def moved(match: Match, one: InterviewSlot, by: Actor = BOSS) -> Match:
    at = NOW + timedelta(hours=1)
    later = {"at": one.at + timedelta(days=1), "arranged_at": at, "changed_by": by}
    changed = follow_slot(match, one.model_copy(update=later), at)
    assert changed is not None
    return changed


def test_a_choice_is_announced_to_those_who_did_not_choose() -> None:
    by_clerk, by_worker = chosen()[0], chosen(SOMEBODY)[0]
    assert {who for who, kind in news(by_clerk) if kind == SET} == {"worker", "employer", "webhook"}
    assert {who for who, kind in news(by_worker) if kind == SET} == {
        "worker",
        "station",
        "employer",
        "webhook",
    }


@pytest.mark.parametrize(
    ("by", "told"),
    [(BOSS, {"worker", "station", "webhook"}), (CLERK_MOVED, {"worker", "employer", "webhook"})],
)
def test_a_moved_slot_is_announced_to_those_who_did_not_move_it(by: Actor, told: set[str]) -> None:
    match, one = chosen()
    after = moved(match, one, by)
    assert {who for who, kind in news(after) if kind == SET} == told
    first, second = (next(rules.notifications_for(each)) for each in (match, after))
    assert (first.kind, second.kind) == (K.INTERVIEW_SET, K.INTERVIEW_SET)
    assert first.id != second.id
    assert interview_obstacle(first, after.to_dict())


def test_a_cancelled_slot_is_announced_to_everybody_once() -> None:
    match, _ = chosen()
    ended = follow_slot(match, None, NOW + timedelta(hours=1))
    assert ended is not None
    everybody = {"worker", "station", "employer", "webhook"}
    assert {who for who, kind in news(ended) if kind == CANCELLED} == everybody
    called = ended.model_copy(update={"revision": ended.revision + 1})
    assert [each.id for each in rules.notifications_for(called)] == [
        each.id for each in rules.notifications_for(ended)
    ]
    again, _ = chosen()
    assert CANCELLED not in {kind for _, kind in news(again)}


def test_the_details_are_those_of_the_slot_while_the_place_is_held() -> None:
    match, one = chosen()
    fact, stored = match.to_dict(), one.to_dict()
    assert details_in_force(fact, None, stored) == DETAILS.to_dict()
    assert details_in_force(fact, {"interview": {"place": "另一处"}}, None) is None
    other = stored | {"id": slot("2").id}
    assert details_in_force(fact, None, other) is None
    ended = match.model_copy(update={"state": MatchState.DECLINED})
    assert details_in_force(ended.to_dict(), None, stored) is None
    assert next(rules.notifications_for(match)).slot_id == one.id


def arranged(at: datetime | None, interviewed_at: datetime = NOW) -> Match:
    changes = {
        "state": MatchState.INTERVIEWED,
        "interview_at": at,
        "interviewed_at": interviewed_at,
        "interviews": 1,
    }
    return referred(1).model_copy(update=changes)


SOON = NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("match", "now", "due"),
    [
        (arranged(SOON), SOON - timedelta(hours=24), True),
        (arranged(SOON), SOON - timedelta(minutes=1), True),
        (arranged(SOON), SOON - timedelta(hours=25), False),
        (arranged(SOON), SOON, False),
        (arranged(NOW + timedelta(hours=20)), NOW + timedelta(hours=1), False),
        (arranged(None), NOW, False),
        (arranged(SOON).model_copy(update={"state": MatchState.PLACED}), SOON, False),
    ],
)
def test_a_reminder_is_due_in_the_last_day_unless_that_day_has_the_announcement(
    match: Match, now: datetime, due: bool
) -> None:
    assert is_reminder_due(match, now) is due


def test_a_reminder_has_one_id_an_arrangement_and_waits_for_the_end_of_quiet_hours() -> None:
    match = arranged(SOON)
    told = rules.interview_reminder(match)
    assert told == rules.interview_reminder(match.model_copy(update={"revision": 9}))
    later = match.model_copy(update={"interviews": 2})
    assert told.id != rules.interview_reminder(later).id
    assert interview_obstacle(told, later.to_dict())
    assert told.kind not in URGENT
    assert not sent_alone(told)
    assert told.caused_at == SOON - timedelta(days=1)
    quiet = DeliveryPreferences(
        time_zone="Asia/Shanghai", quiet_hours=QuietHours(begins=time(9), ends=time(23))
    )
    county = CountyDefaults(SHANGHAI, None, timedelta(minutes=1))
    held = pause(quiet, county, told, ChannelKind.SMS, told.caused_at, None)
    assert held is not None
    assert held.until.astimezone(SHANGHAI).time() == time(23)
    assert of_use_until(told, replace(KNOWN, match={"fact": match.to_dict()})) == SOON


class Interviews(InMemoryElastic):
    """Views in which one match has an interview."""

    def __init__(self, process: Process, match: Match) -> None:
        super().__init__(process)
        self._match = match

    async def search(self, view: str, body: Json) -> Page:
        if view != MATCHES.name or "interview_at" not in body["sort"][0]:
            return Page((), 0)
        return Page((Hit(self._match.id, None, {"fact": self._match.to_dict()}),), 1)


def test_the_notify_stage_reminds_once_also_after_a_kill() -> None:
    world = World()
    at = world.clock.now() + timedelta(hours=23)
    match = arranged(at, world.clock.now() - timedelta(days=2))
    for _ in range(3):
        process = Process(world)
        views = Interviews(process, match)
        stage = NotifyStage(
            views,
            InMemorySender(process),
            world.clock,
            gazetteer(),
            by_the_clock(SHANGHAI),
            timedelta(hours=4),
            NoStations(),
            Healed(),
            ForeignRecords(views, MATCHES, SOURCE, project_matches),
        )
        run(stage.housekeeping())
    assert len(world.said) == 1
    assert K.INTERVIEW_REMINDER.value.encode() in (world.said[0].value or b"")
