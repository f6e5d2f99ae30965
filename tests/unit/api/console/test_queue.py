"""The queue's pages without servers: filters, offers, the order, and words for everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.employer.shortlist_pages import steps_offered
from api.console.match import place_sketch, score_chart
from api.console.match.call_times import next_call
from api.console.match.match_actions import details_from_form
from api.console.match.pages import back_to_queue
from api.console.me.match_pages import offer
from api.console.queue.filters import Filters, filters_from_query, meets, sort_key
from api.console.queue.offers import MARGIN, NEXT, SHORTCUTS, Offers, offers_for
from api.console.shell.assets import assets
from api.console.shell.translations import catalogue, say_in
from api.notifications.schemas import DeliveryStep
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
    MatchAction,
    MatchState,
    Outcome,
    Reason,
    Role,
    Sharing,
    Undoable,
)
from roost.events.notification import NotificationKind, RecipientKind
from roost.events.preferences import ChannelKind
from roost.rules.allowed_actions import UNDO_WITHIN
from roost.time.station_hours import county_hours
from roost.time.urgency import Urgency
from streams.queue.action_effects import apply_action
from tests.made import a_match
from tests.unit.api.builders import NOW

STATION, TWO = ids.station_id("one"), ids.station_id("two")
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
    ("match.told.happened", DeliveryStep),
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


LI, WANG = Actor(id="u-li"), Actor(id="u-wang")
CHIEF = Actor(role=Role.CHIEF, id="u-zhao")
STAFF = (LI, WANG, CHIEF)
SECOND = timedelta(seconds=1)


def offers(of: Match, actor: Actor = LI, at: datetime = NOW) -> Offers:
    return offers_for(of, actor, at, may_assign=True)


def done_by(actor: Actor, of: Match, state: MatchState) -> Match:
    """Return the match in a state that the actor's last action led to."""
    entry = HistoryEntry(
        action_id=ids.derive("a", "1"),
        kind=ActionKind.DECLINE,
        actor=actor,
        at=NOW,
        outcome=Outcome.ACCEPTED,
    )
    undoable = Undoable(action_id=entry.action_id, before=of.progress)
    return of.model_copy(update={"state": state, "history": (entry,), "undoable": undoable})


def matches_in_any_situation() -> st.SearchStrategy[Match]:
    """Generate matches of every state, holder, acceptance and last action."""

    def build(
        state: MatchState,
        holder: str | None,
        accepted: bool,
        sharing: Sharing | None,
        last: Actor | None,
    ) -> Match:
        made = match(
            state=state,
            assigned_to=holder,
            accepted_at=NOW - SECOND if accepted else None,
            sharing=sharing,
            sharing_asked_at=NOW - SECOND if sharing else None,
        )
        return made if last is None else done_by(last, made, state)

    return st.builds(
        build,
        st.sampled_from(MatchState),
        st.sampled_from([None, *(each.id for each in STAFF)]),
        st.booleans(),
        st.sampled_from([None, *Sharing]),
        st.sampled_from([None, *STAFF, Actor(role=Role.WORKER, id=WORKER)]),
    )


def is_accepted(of: Match, kind: ActionKind, actor: Actor, at: datetime) -> bool:
    """Return whether the queue stage accepts an action."""
    action = MatchAction(
        id=ids.derive("a", "2", kind),
        match_id=of.id,
        kind=kind,
        actor=actor,
        at=at,
        assignee="u-somebody-else" if kind is ActionKind.ASSIGN else None,
        slot_id=ids.slot_id(of.opening_id, "acme", "1") if kind is ActionKind.BOOK else None,
    )
    changed = apply_action(of, action)
    assert changed is not None
    return changed.refusals == of.refusals


@given(matches_in_any_situation(), st.sampled_from(STAFF), st.integers(0, 60))
def test_staff_are_offered_exactly_what_the_queue_stage_accepts(
    of: Match, actor: Actor, seconds: int
) -> None:
    at = NOW + seconds * SECOND
    accepted = {kind for kind in ActionKind if is_accepted(of, kind, actor, at)}
    if at >= NOW + UNDO_WITHIN - MARGIN:
        accepted -= {ActionKind.UNDO}  # it could not arrive in time
    assert set(offers(of, actor, at).menu) == accepted


@given(matches_in_any_situation())
def test_employers_and_workers_are_offered_exactly_what_the_queue_stage_accepts(of: Match) -> None:
    """An undo depends on the history, which their lists do not show, a booking on the slots."""
    kinds = set(ActionKind) - {ActionKind.UNDO, ActionKind.BOOK}
    employer, worker = Actor(role=Role.EMPLOYER, id="u-e"), Actor(role=Role.WORKER, id=WORKER)
    accepted = {kind for kind in kinds if is_accepted(of, kind, employer, NOW)}
    assert set(steps_offered(of.to_dict())) == accepted
    accepted = {kind for kind in kinds if is_accepted(of, kind, worker, NOW)}
    shown = offer(of.to_dict(), None, say_in("zh"), "zh")
    assert set(shown["answers"]) - {ActionKind.BOOK} == accepted


def test_every_active_state_has_a_usual_next_step_that_is_offered() -> None:
    assert set(NEXT) == {state for state in MatchState if state.active}
    for state, kind in NEXT.items():
        assert offers(match(state=state)).first is kind


def test_an_assignment_is_offered_only_with_the_permission() -> None:
    assert ActionKind.ASSIGN in offers(match()).menu
    without = offers_for(match(), LI, NOW, may_assign=False)
    assert ActionKind.ASSIGN not in without.menu


def test_what_a_colleague_has_is_not_offered_but_to_a_chief_who_may_give_it_away() -> None:
    claimed = match(state=MatchState.CLAIMED, assigned_to="u-wang")
    assert not offers(claimed)
    assert offers(claimed, CHIEF).menu == (ActionKind.ASSIGN, ActionKind.RELEASE)
    assert offers(claimed, WANG).first is ActionKind.CONTACT


def test_who_did_it_last_is_offered_to_undo_it_while_that_is_possible() -> None:
    declined = done_by(LI, match(), MatchState.DECLINED)
    assert offers(declined, LI).menu == (ActionKind.UNDO,)
    assert not offers(declined, CHIEF)
    assert not offers(declined, LI, NOW + UNDO_WITHIN + SECOND)
    assert offers(declined, LI, NOW + 9 * SECOND).undo_ms == 20_000, "the page ends it a bit before"


def test_the_keys_of_the_script_are_those_that_the_pages_show() -> None:
    script = assets()["shortcuts.js"].body.decode()
    written = re.search(r"const KEYS = \{(.*)\};", script)
    assert written is not None
    keys = {kind: key for key, kind in re.findall(r'(\w): "(\w+)"', written[1])}
    shown = {kind.value: key for kind, key in SHORTCUTS.items()} | {"call": "t"}
    assert keys | {"undo": "u"} == shown


@pytest.mark.parametrize(
    ("now", "suggested"),
    [
        ("2026-11-25T09:10", "2026-11-25T10:30"),
        ("2026-11-25T11:20", "2026-11-25T15:00"),
        ("2026-11-25T17:40", "2026-11-26T09:30"),
        ("2026-11-27T18:00", "2026-11-30T09:30"),
    ],
)
def test_the_next_call_is_suggested_an_hour_ahead_in_opening_hours(
    now: str, suggested: str
) -> None:
    """Open from 8:30 to 12:00 and from 14:30 to 18:00, Mondays to Fridays."""
    zone = ZoneInfo("Asia/Shanghai")
    schedule = county_hours("CN", None, "Mo-Fr 08:30-12:00,14:30-18:00", zone).schedule
    at = datetime.fromisoformat(now).replace(tzinfo=zone)
    assert next_call(at, schedule) == datetime.fromisoformat(suggested).replace(tzinfo=zone)


def test_the_way_back_keeps_the_filters_of_the_queue_only() -> None:
    queue = f"https://roost.example/console/queue?station={STATION}&whose=me&evil=x"
    assert back_to_queue(queue, "", STATION) == f"/console/queue?station={STATION}&whose=me"
    elsewhere = f"https://roost.example/console/overview?station={STATION}&whose=me"
    for other in (elsewhere, "", "https://roost.example/console/queue"):
        assert back_to_queue(other, "", STATION) == f"/console/queue?station={STATION}"
    assert back_to_queue("", "", None) == "/console/queue"


@pytest.mark.parametrize(
    ("last", "leads_to"),
    [
        (f"station={STATION}&whose=me", f"station={STATION}&whose=me"),
        ("station=all&state=claimed&by=person", "station=all&state=claimed&by=person"),
        (f"station={TWO}&whose=me", f"station={STATION}"),
        ("whose=me", f"station={STATION}"),
        ("<script>=%00&station=", f"station={STATION}"),
    ],
)
def test_from_the_match_itself_the_way_leads_to_the_last_queue_that_can_hold_it(
    last: str, leads_to: str
) -> None:
    match_page = "https://roost.example/console/matches/m-1"
    assert back_to_queue(match_page, last, STATION) == f"/console/queue?{leads_to}"


def test_filters_survive_an_address_and_nonsense_is_passed_over() -> None:
    filters = Filters(STATION, "claimed", "me", "sample:x", "zh:1", "24", True, True)
    assert filters_from_query(dict(parse_qsl(filters.address))) == filters
    assert (
        filters_from_query({"state": "x", "age": "5", "whose": "y", "priority": "2"}) == Filters()
    )
    assert Filters(STATION).address == f"station={STATION}"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters().at(STATION), True),
        (Filters().at(TWO), False),
        (Filters().across((TWO, STATION)), True),
        (Filters().across((TWO,)), False),
        (Filters(stations=(STATION,), state="claimed"), False),
        (Filters(stations=(STATION,), state="proposed"), True),
        (Filters(stations=(STATION,), whose="nobody"), True),
        (Filters(stations=(STATION,), whose="me"), False),
        (Filters(stations=(STATION,), place="sample:a"), True),
        (Filters(stations=(STATION,), place="sample:b"), False),
        (Filters(stations=(STATION,), occupation="zh:1"), True),
        (Filters(stations=(STATION,), occupation="zh:2"), False),
        (Filters(stations=(STATION,), age="1"), False),
        (Filters(stations=(STATION,), age="24"), True),
        (Filters(stations=(STATION,), priority=True), False),
        (Filters(stations=(STATION,), overdue=True), True),
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
    assert sorted([never, older, newer, sooner], key=sort_key) == [sooner, newer, older, never]


def test_a_time_in_a_form_is_of_the_countys_clock() -> None:
    said = details_from_form({"interviewAt": "2026-11-25T09:00", "other": "x"}, "Asia/Shanghai")
    assert said == {"interviewAt": "2026-11-25T09:00:00+08:00"}
    with pytest.raises(Invalid):
        details_from_form({"interviewAt": "tomorrow"}, "Asia/Shanghai")


def test_bars_are_on_one_scale_and_the_next_step_is_none() -> None:
    reasons = [
        Reason(part="skills", points=40, en="", zh=""),
        Reason(part="wage", points=10, en="", zh=""),
        Reason(part="next_step", points=0, en="", zh=""),
    ]
    drawn = score_chart.score_chart_of(reasons)
    assert [(bar.part, bar.length) for bar in drawn.bars] == [("skills", 210), ("wage", 52.5)]


def test_a_sketch_is_to_scale_and_names_what_stands_at_one_point_once() -> None:
    datong, lanling = (40.08, 113.30), (39.50, 113.00)
    drawn = place_sketch.sketch_of({"home": lanling, "lives": datong, "work": datong})
    assert drawn is not None
    assert sorted(spot.names for spot in drawn.spots) == [("home",), ("lives", "work")]
    assert drawn.lives_km == 0
    assert 60 < (drawn.home_km or 0) < 75
    assert all(0 < spot.x < drawn.width and 0 < spot.y < drawn.height for spot in drawn.spots)
    assert place_sketch.sketch_of({"home": lanling}) is None
