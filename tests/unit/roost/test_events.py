from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from kafka.partitioner.default import murmur2 as kafkas_murmur2
from pydantic import ValidationError

from producers import simulator
from roost import ids
from roost.errors import Invalid
from roost.events.common import Wage, WageUnit
from roost.events.envelope import content_id, decode, invalid, record
from roost.events.opening import Opening, OpeningContent
from roost.events.station import Station
from roost.topics import MATCHES, PROPOSALS, TOPICS, murmur2


def opening(**changes: object) -> dict[str, object]:
    return next(simulator.openings(1)).to_dict() | changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseSalary": {"minValue": -1}}, "baseSalary.minValue"),
        ({"baseSalary": {"minValue": 9, "maxValue": 3}}, "baseSalary"),
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"totalJobOpenings": 0}, "totalJobOpenings"),
        ({"sex": "F"}, "sex"),
        ({"jobLocation": {"name": "x", "code": "1"}}, "jobLocation"),
        ({"datePosted": "2026-02-01", "validThrough": "2026-01-01"}, ""),
    ],
)
def test_bad_input_is_refused_with_the_fields_name(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OpeningContent.model_validate(opening(**changes))
    assert any(each.field.startswith(field) for each in invalid(refused.value).fields)


@pytest.mark.parametrize(
    "poison", [b"", b"{", b"null", b"[]", b"1", b"\xff\xfe", b'{"title": "\\ud800"}', b"[" * 5000]
)
def test_poison_is_invalid_and_not_a_crash(poison: bytes) -> None:
    with pytest.raises(Invalid):
        decode(Opening, poison)


def test_the_message_of_an_invalid_event_never_repeats_its_value() -> None:
    with pytest.raises(Invalid) as refused:
        decode(Opening, b'{"title": 7, "secret": "13800138000"}')
    assert "13800138000" not in refused.value.message


def test_the_same_event_has_the_same_id_and_another_another() -> None:
    assert content_id("t", "k", b"v") == content_id("t", "k", b"v")
    assert content_id("t", "k", b"v") != content_id("t", "kv", b"")
    assert content_id("t", "k", None) != content_id("t", "k", b"")


def test_a_match_goes_to_the_partition_of_its_opening() -> None:
    for number in range(50):
        opening_id, worker_id = ids.opening_id("t", str(number)), ids.worker_id("t", str(number))
        match = ids.match_id(opening_id, worker_id)
        assert ids.split_match_id(match) == (opening_id, worker_id)
        assert MATCHES.partition_of(match) == PROPOSALS.partition_of(opening_id)


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc", b"abcd", "焊工".encode(), b"x" * 33])
def test_partitioning_is_kafkas_own(data: bytes) -> None:
    assert murmur2(data) & 0x7FFFFFFF == kafkas_murmur2(data) & 0x7FFFFFFF


def test_an_event_survives_its_record() -> None:
    station = Station.model_validate(
        {"id": ids.station_id("x"), "identifier": "x", "name": "站", "place": {"name": "北京"}}
    )
    made = record(station, station.id, source="/test", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert decode(Station, made.value or b"") == station
    assert dict(made.headers)["ce_type"] == b"roost.station"


def test_every_topic_has_a_meaning_and_only_compacted_ones_hold_people() -> None:
    for topic in TOPICS:
        assert topic.meaning
        assert topic.compacted or not topic.personal


@pytest.mark.parametrize(
    ("unit", "amount", "monthly"),
    [
        (WageUnit.HOUR, 20, 3480),
        (WageUnit.DAY, 200, 4350),
        (WageUnit.MONTH, 5000, 5000),
        (WageUnit.YEAR, 60000, 5000),
    ],
)
def test_wages_are_compared_by_the_month(unit: WageUnit, amount: float, monthly: float) -> None:
    low, high = Wage(min_value=amount, unit_text=unit).per_month() or (0, 0)
    assert low == high == pytest.approx(monthly)


def test_a_piece_rate_needs_the_pieces_of_a_day() -> None:
    piece = Wage(min_value=1.5, unit_text=WageUnit.PIECE)
    assert piece.per_month() is None
    known = piece.model_copy(update={"pieces_per_day": 100.0}).per_month()
    assert known == (pytest.approx(3262.5), pytest.approx(3262.5))


def test_an_opening_can_be_matched_until_its_last_day() -> None:
    content = next(simulator.openings(1)).model_copy(update={"valid_through": date(2026, 5, 1)})
    standing = Opening.model_validate(content.to_dict() | {"id": ids.opening_id("t", "1")})
    assert standing.can_be_matched(date(2026, 5, 1))
    assert not standing.can_be_matched(date(2026, 5, 2))
