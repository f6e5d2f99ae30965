"""Preferences and notices: their facts, and the recipients of a notice."""

from __future__ import annotations

import pytest

from api.notices.notice_text import notice_text
from producers import message_facts
from roost import ids
from roost.errors import Invalid
from roost.events.notice import Audience, NoticeContent, NoticeKind, Words
from roost.events.notification import NotificationKind
from roost.events.preferences import OwnPreferences, Preferences, Stop, StoppedBy
from roost.events.receipt import ReceiptKind
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.places.place_clauses import clauses_within
from roost.places.place_search import find_place
from roost.rules.notice_audience import station_query, worker_query
from tests.unit.api.builders import NOW, WORKER, notification

NEWS = NoticeContent(
    kind=NoticeKind.POLICY_NEWS,
    zh=Words(title="补贴", body="请咨询。"),
    audience=Audience(places=("大同市",)),
)


def test_every_kind_can_be_muted() -> None:
    kinds = tuple(kind.value for kind in NotificationKind)
    chosen, _ = message_facts.preferences_chosen(Preferences(muted_kinds=kinds), WORKER, at=NOW)
    assert chosen.muted_kinds == kinds


def test_a_kind_that_is_none_is_named_with_those_there_are() -> None:
    wrong = Preferences(muted_kinds=("new_match", "weather"), channels_by_kind={"storms": ()})
    with pytest.raises(Invalid) as raised:
        message_facts.preferences_chosen(wrong, WORKER, at=NOW)
    assert [each.field for each in raised.value.fields] == ["mutedKinds.1", "channelsByKind.storms"]
    assert all(kind.value in raised.value.message for kind in NotificationKind)


@pytest.mark.parametrize("event", [Stop, OwnPreferences])
def test_a_stage_reads_what_a_worker_chose(event: type) -> None:
    _, record = (
        message_facts.stop_said(WORKER, StoppedBy.LINK, at=NOW)
        if event is Stop
        else message_facts.preferences_chosen(Preferences(), WORKER, at=NOW)
    )
    found = decode_fact(Incoming(record.topic, 0, 0, record.key.encode(), record.value, NOW))
    assert isinstance(found.event, event)
    assert found.key == WORKER


def test_a_notice_said_twice_is_one_and_on_another_day_another() -> None:
    first, _ = message_facts.notice_posted(NEWS, at=NOW, reference="2026-11-23")
    again, _ = message_facts.notice_posted(NEWS, at=NOW, reference="2026-11-23")
    later, _ = message_facts.notice_posted(NEWS, at=NOW, reference="2026-11-24")
    assert first.id == again.id != later.id
    assert first.audience.places == (find_place("大同市").key,)


def test_a_notice_for_a_place_that_nobody_knows_is_refused() -> None:
    nowhere = NEWS.model_copy(update={"audience": Audience(places=("无此地方",))})
    with pytest.raises(Invalid) as raised:
        message_facts.notice_posted(nowhere, at=NOW, reference="x")
    assert raised.value.fields[0].field == "audience.places.0"


def test_a_receipt_given_twice_is_one() -> None:
    of = notification()
    first, record = message_facts.receipt_given(of, ReceiptKind.READ, at=NOW)
    again, _ = message_facts.receipt_given(of, ReceiptKind.READ, at=NOW)
    other, _ = message_facts.receipt_given(of, ReceiptKind.ANSWERED, at=NOW)
    assert first.id == again.id != other.id
    assert (record.key, first.recipient) == (of.id, of.recipient)


def test_a_preview_reads_as_the_message_will() -> None:
    notice, _ = message_facts.notice_posted(NEWS, at=NOW, reference="x")
    assert "补贴" in notice_text(notice, "zh").title
    assert "补贴" in notice_text(notice, "en").title, "in the language that there is"


def test_people_are_found_by_where_they_live_and_by_a_home_within() -> None:
    places = gazetteer()
    city = find_place("大同市").key
    query = worker_query(Audience(places=(city,), worker_ids=(WORKER,)), places)
    named, there = query["bool"]["should"]
    assert named == {"terms": {"id": [WORKER]}}
    active, at_places = there["bool"]["filter"]
    assert active == {"term": {"active": True}}
    lives, *homes = at_places["bool"]["should"]
    assert lives == {"terms": {"places": [city]}}
    assert homes == clauses_within("home", [city], places)
    assert {"prefix": {"home": city}} in homes


def test_a_station_that_serves_what_holds_the_place_is_reached() -> None:
    places = gazetteer()
    city = find_place("大同市").key
    query = station_query(Audience(places=(city,)), places)
    serves = query["bool"]["should"][1]["terms"]["serves"]
    assert set(places.ancestors(city)) <= set(serves)


def test_without_places_only_who_is_named_is_reached() -> None:
    station = ids.station_id("x")
    query = station_query(Audience(station_ids=(station,)), gazetteer())
    assert query["bool"]["should"] == [{"terms": {"id": [station]}}]
