"""The queue's pages without servers: filters, offers, the order, and words for everything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

import pytest

from api.console.match import place_sketch, score_chart
from api.console.match.match_actions import told
from api.console.queue.filters import Filters, asked, meets, order_of
from api.console.queue.offers import NEXT, OFFERED, offered
from api.console.shell.translations import catalogue
from api.notifications.schemas import Happening
from roost import ids
from roost.errors import Invalid
from roost.events.common import Education, Shift, WageUnit
from roost.events.match import (
    About,
    ActionKind,
    Actor,
    ContactOutcome,
    DeclineReason,
    HistoryEntry,
    InterviewBy,
    Match,
    MatchState,
    Outcome,
    Reason,
    Undoable,
)
from roost.events.notification import NotificationKind, RecipientKind
from roost.events.preferences import ChannelKind
from roost.time.urgency import Urgency
from streams.queue.match_actions_judged import ALLOWED
from tests.made import a_match
from tests.unit.api.builders import NOW

STATION = ids.station_id("one")
OPENING, WORKER = ids.opening_id("test", "1"), ids.worker_id("test", "1")


def match(**changes: Any) -> Match:
    return a_match(OPENING, WORKER, NOW, station_id=STATION, **changes)


WORDS: list[tuple[str, Iterable[StrEnum]]] = [
    ("queue.state", MatchState),
    ("queue.actions", ActionKind),
    ("match.did", ActionKind),
    ("match.contact", ContactOutcome),
    ("match.reason", DeclineReason),
    ("match.interviewBy", InterviewBy),
    ("match.education", Education),
    ("match.shifts", Shift),
    ("match.told.kind", NotificationKind),
    ("match.told.to", RecipientKind),
    ("match.told.channel", ChannelKind),
    ("match.told.happened", Happening),
]


@pytest.mark.parametrize(("prefix", "values"), WORDS, ids=[prefix for prefix, _ in WORDS])
def test_everything_that_can_be_said_of_a_match_has_words(
    prefix: str, values: Iterable[StrEnum]
) -> None:
    known = catalogue("zh")
    assert [each for each in values if f"{prefix}.{each.value}" not in known] == []


def test_every_unit_of_a_wage_and_urgency_has_words() -> None:
    known = catalogue("en")
    assert all(f"words.unit.{unit.value}" in known for unit in WageUnit)
    assert {f"queue.urgency.{each}" for each in Urgency if each is not Urgency.LATER} <= set(known)


def test_what_is_offered_is_what_the_queue_stage_allows() -> None:
    for state, kinds in OFFERED.items():
        assert all(state in ALLOWED[kind] for kind in kinds), state
    assert all(kind in OFFERED[state] for state, kind in NEXT.items())
    assert set(OFFERED) == {state for state in MatchState if state.active}


def test_what_a_colleague_has_is_not_offered_but_to_a_chief_who_may_give_it_away() -> None:
    claimed = match(state=MatchState.CLAIMED, assigned_to="u-wang")
    assert not offered(claimed, "u-li", chief=False, may_assign=True)
    assert offered(claimed, "u-li", chief=True, may_assign=True).menu == (
        ActionKind.ASSIGN,
        ActionKind.RELEASE,
    )
    assert offered(claimed, "u-wang", chief=False, may_assign=True).first is ActionKind.CONTACT


def test_who_did_it_last_is_offered_to_undo_it() -> None:
    entry = HistoryEntry(
        action_id=ids.derive("a", "1"),
        kind=ActionKind.DECLINE,
        actor=Actor(id="u-li"),
        at=NOW,
        outcome=Outcome.ACCEPTED,
    )
    before = match().progress
    declined = match(
        state=MatchState.DECLINED,
        history=(entry,),
        undoable=Undoable(action_id=entry.action_id, before=before),
    )
    assert offered(declined, "u-li", chief=False, may_assign=True).menu == (ActionKind.UNDO,)
    assert not offered(declined, "u-wang", chief=True, may_assign=True)


def test_filters_survive_an_address_and_nonsense_is_passed_over() -> None:
    filters = Filters(STATION, "claimed", "me", "sample:x", "zh:1", "24", True, True)
    assert asked(dict(parse_qsl(filters.address))) == filters
    assert asked({"state": "x", "age": "5", "whose": "y", "priority": "2"}) == Filters()
    assert Filters(STATION).address == f"station={STATION}"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(STATION), True),
        (Filters(ids.station_id("two")), False),
        (Filters(STATION, state="claimed"), False),
        (Filters(STATION, state="proposed"), True),
        (Filters(STATION, whose="nobody"), True),
        (Filters(STATION, whose="me"), False),
        (Filters(STATION, place="sample:a"), True),
        (Filters(STATION, place="sample:b"), False),
        (Filters(STATION, occupation="zh:1"), True),
        (Filters(STATION, occupation="zh:2"), False),
        (Filters(STATION, age="1"), False),
        (Filters(STATION, age="24"), True),
        (Filters(STATION, priority=True), False),
        (Filters(STATION, overdue=True), True),
    ],
)
def test_a_match_that_comes_live_is_filtered_as_a_search_would(
    filters: Filters, found: bool
) -> None:
    two_hours_old = match(
        about=About(occupation="zh:1", home=("sample:a",)), act_by=NOW + timedelta(hours=1)
    )
    assert meets(filters, two_hours_old, "u-li", NOW + timedelta(hours=2)) is found


def test_what_is_due_sooner_comes_first_and_within_the_hour_the_newest() -> None:
    due = {"act_by": NOW + timedelta(hours=1)}
    sooner = match(act_by=NOW)
    newer = match(**due, proposed_at=NOW + timedelta(minutes=5))
    older = match(**due)
    never = match()
    assert sorted([never, older, newer, sooner], key=order_of) == [sooner, newer, older, never]


def test_a_time_in_a_form_is_of_the_countys_clock() -> None:
    said = told({"interviewAt": "2026-11-25T09:00", "other": "x"}, "Asia/Shanghai")
    assert said == {"interviewAt": "2026-11-25T09:00:00+08:00"}
    with pytest.raises(Invalid):
        told({"interviewAt": "tomorrow"}, "Asia/Shanghai")


def test_bars_are_on_one_scale_and_the_next_step_is_none() -> None:
    reasons = [
        Reason(part="skills", points=40, en="", zh=""),
        Reason(part="wage", points=10, en="", zh=""),
        Reason(part="next_step", points=0, en="", zh=""),
    ]
    drawn = score_chart.of(reasons)
    assert [(bar.part, bar.length) for bar in drawn.bars] == [("skills", 210), ("wage", 52.5)]


def test_a_sketch_is_to_scale_and_names_what_stands_at_one_point_once() -> None:
    datong, lanling = (40.08, 113.30), (39.50, 113.00)
    drawn = place_sketch.of({"home": lanling, "lives": datong, "work": datong})
    assert drawn is not None
    assert sorted(spot.names for spot in drawn.spots) == [("home",), ("lives", "work")]
    assert drawn.lives_km == 0
    assert 60 < (drawn.home_km or 0) < 75
    assert all(0 < spot.x < drawn.width and 0 < spot.y < drawn.height for spot in drawn.spots)
    assert place_sketch.of({"home": lanling}) is None
