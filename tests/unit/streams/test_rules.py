"""The rules of notification: the pure part of the notify stage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility import NO_LONGER_OPEN
from roost import ids
from roost.events.match import (
    ERASED,
    ActionKind,
    Actor,
    HistoryEntry,
    Match,
    MatchState,
    Outcome,
    Role,
)
from roost.events.notice import Audience, Notice, NoticeKind, Words
from roost.events.notification import URGENT, Notification, Recipient, RecipientKind
from roost.events.station import Station
from roost.events.webhook import SENT_KINDS, Webhook
from roost.places.gazetteer import gazetteer
from roost.rules.notice_audience import stations_reached, worker_clauses
from roost.rules.notices import notice_notification
from streams.notify.rules import (
    notifications_for,
    waiting_alert,
    webhook_notifications,
)
from streams.queue.lifecycle import HEADCOUNT
from tests.made import a_match

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OPENING, WORKER, STATION = ids.opening_id("t", "1"), ids.worker_id("t", "1"), ids.station_id("t")
CLERK, EMPLOYER = Role.CLERK, Role.EMPLOYER


def match(state: MatchState, **changes: Any) -> Match:
    return a_match(OPENING, WORKER, NOW, **{"station_id": STATION, "state": state} | changes)


def entry(role: Role, outcome: Outcome = Outcome.ACCEPTED) -> HistoryEntry:
    actor = Actor(role=role, id="somebody")
    return HistoryEntry(
        action_id=ids.derive("a", role),
        kind=ActionKind.INTERVIEW,
        actor=actor,
        at=NOW,
        outcome=outcome,
    )


def webhook(number: int, employer_id: str | None = None, **changes: Any) -> Webhook:
    id = ids.derive("h", str(number))
    url = "https://hooks.example.cn/roost"
    return Webhook.model_validate({"id": id, "url": url, "employer_id": employer_id} | changes)


def said(notifications: Any) -> set[tuple[str, str]]:
    return {(each.recipient.kind.value, each.kind.value) for each in notifications}


def told(made: Match) -> set[tuple[str, str]]:
    return said(notifications_for(made))


def hooked(made: Match, hook: Webhook, employer_id: str | None = "acme") -> list[str]:
    return [each.kind.value for each in webhook_notifications(made, [hook], employer_id)]


matches = st.builds(
    match,
    st.sampled_from(MatchState),
    round=st.integers(1, 5),
    assigned_to=st.sampled_from([None, "li"]),
    station_id=st.sampled_from([None, STATION]),
    cause=st.sampled_from(["", ERASED, HEADCOUNT, "inactive", "score", *NO_LONGER_OPEN]),
    history=st.lists(
        st.builds(entry, st.sampled_from(Role), st.sampled_from(Outcome)), max_size=4
    ).map(tuple),
)
HOOKS = [webhook(1), webhook(2, "acme"), webhook(3, "other"), webhook(4, kinds=("match_placed",))]


def everything(made: Match) -> list[Notification]:
    return [*notifications_for(made), *webhook_notifications(made, HOOKS, "acme")]


def test_a_new_match_is_told_to_the_worker_and_once_a_round_to_the_station_for_its_opening() -> (
    None
):
    made = match(MatchState.PROPOSED)
    assert told(made) == {("worker", "new_match"), ("station", "queue_new")}
    other = made.model_copy(update={"id": ids.match_id(OPENING, ids.worker_id("t", "2"))})
    queue = [
        each.id
        for one in (made, other)
        for each in notifications_for(one)
        if each.recipient.id == STATION
    ]
    assert len(set(queue)) == 1


def test_a_claim_is_told_to_the_worker_once_a_round() -> None:
    made = match(MatchState.CLAIMED, assigned_to="li")
    assert told(made) == {("worker", "match_claimed")}
    (first,) = notifications_for(made)
    (again,) = notifications_for(made.model_copy(update={"revision": 9, "assigned_to": "wang"}))
    (later,) = notifications_for(made.model_copy(update={"round": 2}))
    assert first.id == again.id
    assert first.id != later.id


def test_an_interview_is_told_to_the_worker_and_to_the_station_when_the_employer_set_it() -> None:
    refused = entry(EMPLOYER, Outcome.REFUSED)
    by_clerk = match(MatchState.INTERVIEWED, assigned_to="li", history=(entry(CLERK), refused))
    assert told(by_clerk) == {("worker", "interview_set")}
    refused = entry(CLERK, Outcome.REFUSED)
    by_employer = match(MatchState.INTERVIEWED, history=(entry(CLERK), entry(EMPLOYER), refused))
    assert told(by_employer) == {("worker", "interview_set"), ("station", "interview_set")}
    nowhere = by_employer.model_copy(update={"station_id": None})
    assert told(nowhere) == {("worker", "interview_set")}
    assert all(each.urgent for each in notifications_for(by_employer))


def test_a_placement_is_told_to_both_and_one_without_its_worker_to_nobody() -> None:
    made = match(MatchState.PLACED)
    assert told(made) == {("worker", "match_placed"), ("station", "match_placed")}
    assert everything(match(MatchState.PLACED, cause=ERASED)) == []


@pytest.mark.parametrize("cause", sorted(NO_LONGER_OPEN))
def test_that_an_opening_is_over_is_told_at_once_to_whom_somebody_worked_for(cause: str) -> None:
    made = match(MatchState.EXPIRED, cause=cause, assigned_to="li")
    assert told(made) == {("worker", "opening_closed"), ("station", "match_withdrawn")}
    assert [each.urgent for each in notifications_for(made)] == [True, False]
    assert told(match(MatchState.EXPIRED, cause=cause)) == set(), "nobody worked on it"
    accepted = match(MatchState.EXPIRED, cause=cause, accepted_at=NOW)
    assert told(accepted) == told(made), "the worker waits for an answer"


@pytest.mark.parametrize("cause", ["inactive", "score", "wage"])
def test_a_match_that_no_longer_fits_is_the_stations_business_alone(cause: str) -> None:
    made = match(MatchState.EXPIRED, cause=cause, assigned_to="li")
    assert told(made) == {("station", "match_withdrawn")}
    assert told(match(MatchState.EXPIRED, cause=cause, accepted_at=NOW)) == told(made)
    assert hooked(made, webhook(1)) == []


@pytest.mark.parametrize("state", [MatchState.CONTACTED, MatchState.REFERRED, MatchState.DECLINED])
def test_of_the_other_states_nobody_is_told(state: MatchState) -> None:
    assert everything(match(state, assigned_to="li")) == []


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (MatchState.PROPOSED, "new_match"),
        (MatchState.CLAIMED, "match_claimed"),
        (MatchState.INTERVIEWED, "interview_set"),
        (MatchState.PLACED, "match_placed"),
    ],
)
def test_a_webhook_is_told_what_it_asks_for_of_its_own_employer(
    state: MatchState, kind: str
) -> None:
    made = match(state)
    assert hooked(made, webhook(1)) == [kind], "a partner hears of every opening"
    assert hooked(made, webhook(1), None) == [kind], "even of one whose employer is not known"
    assert hooked(made, webhook(2, "acme")) == [kind]
    assert hooked(made, webhook(2, "acme", kinds=(kind,))) == [kind]
    assert hooked(made, webhook(2, "acme", kinds=("opening_closed",))) == []
    assert hooked(made, webhook(2, "acme", enabled=False)) == []
    assert hooked(made, webhook(3, "other")) == []
    assert hooked(made, webhook(3, "other"), None) == []


def test_a_webhook_hears_that_an_opening_is_over_whether_or_not_somebody_worked_on_it() -> None:
    assert hooked(match(MatchState.EXPIRED, cause="closed"), webhook(1)) == ["opening_closed"]


@given(matches)
def test_a_match_tells_each_recipient_each_kind_once_and_says_the_same_again(made: Match) -> None:
    first = everything(made)
    keys = [(each.recipient.id, each.kind) for each in first]
    assert len(keys) == len(set(keys)) == len({each.id for each in first})
    assert first == everything(made)
    renewed = made.model_copy(update={"revision": made.revision + 1, "score": 50.0})
    assert [each.id for each in first] == [each.id for each in everything(renewed)]


@given(matches)
def test_what_is_told_is_about_the_match_and_urgent_as_its_kind_is(made: Match) -> None:
    for each in everything(made):
        assert (each.match_id, each.opening_id, each.version) == (made.id, OPENING, made.round)
        assert each.urgent == (each.kind in URGENT)
        assert each.recipient.kind is not RecipientKind.STATION or made.station_id
        assert not made.nameless


@pytest.mark.parametrize("urgent", [False, True])
def test_a_notice_is_told_once_to_each_as_urgently_as_it_says(urgent: bool) -> None:
    notice = Notice(
        id=ids.derive("b", "1"),
        kind=NoticeKind.POLICY_NEWS,
        zh=Words(title="补贴", body="政策"),
        audience=Audience(places=("cn",)),
        urgent=urgent,
        posted_at=NOW,
    )
    worker = Recipient(kind=RecipientKind.WORKER, id=WORKER)
    made = notice_notification(notice, worker)
    assert (made.kind, made.notice_id, made.urgent, made.match_id) == (
        "policy_news",
        notice.id,
        urgent,
        None,
    )
    assert made == notice_notification(notice, worker)
    station = Recipient(kind=RecipientKind.STATION, id=STATION)
    assert notice_notification(notice, station).id != made.id


def test_a_station_is_alerted_once_a_day_whichever_match_waits_longest() -> None:
    today, tomorrow = date(2026, 11, 23), date(2026, 11, 24)
    first, second = (ids.match_id(OPENING, ids.worker_id("t", each)) for each in "12")
    made = waiting_alert(STATION, first, OPENING, today, NOW)
    assert (made.match_id, made.kind, made.urgent) == (first, "match_waiting", False)
    assert waiting_alert(STATION, second, OPENING, today, NOW).id == made.id
    assert waiting_alert(STATION, first, OPENING, tomorrow, NOW).id != made.id


def station(name: str, *serves: str) -> Station:
    place = {"name": name, "latitude": 1.0, "longitude": 1.0}
    return Station.model_validate(
        {"id": ids.station_id(name), "identifier": name, "name": name, "place": place}
        | {"serves": serves}
    )


def test_a_place_reaches_the_stations_that_serve_it_a_part_of_it_or_what_holds_it() -> None:
    known = [
        station("township", "sample:lanling-101"),
        station("other township", "sample:lanling-102"),
        station("county", "sample:lanling"),
        station("country", "cn"),
        station("elsewhere", "cn:11"),
        station("department"),
    ]
    names = {each.id: each.name for each in known}

    def serving(place: str) -> set[str]:
        return {names[id] for id in stations_reached([place], known, gazetteer())}

    assert serving("sample:lanling-101") == {"township", "county", "country"}
    assert serving("cn:14") == {"township", "other township", "county", "country"}
    assert serving("cn") == set(names.values()) - {"department"}
    assert serving("cn:11") == {"elsewhere", "country"}


def test_whose_home_is_a_part_of_the_place_is_looked_for_too() -> None:
    _, either = worker_clauses(["sample:lanling"], gazetteer())
    lives, home = either["bool"]["should"]
    assert lives == {"terms": {"places": ["sample:lanling"]}}
    assert {"sample:lanling", "sample:lanling-101"} <= set(home["terms"]["home"])
    assert "cn:1402" not in home["terms"]["home"]


def test_the_kinds_that_the_api_documents_for_webhooks_are_those_that_are_sent() -> None:
    changed = [match(state, cause=cause) for state in MatchState for cause in ("", *NO_LONGER_OPEN)]
    later = NOW + timedelta(days=1)
    changed += [match(MatchState.DECLINED, declined_at=NOW, interview_at=later)]
    changed += [match(MatchState.REFERRED, referred_at=NOW)]
    every = webhook(1)
    told = {each.kind for made in changed for each in webhook_notifications(made, [every], None)}
    assert told == set(SENT_KINDS)
