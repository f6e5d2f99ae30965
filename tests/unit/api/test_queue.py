"""Filters and counts of a station's queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.stations.queue_query import (
    QueueFilter,
    count_aggregations,
    counted_clauses,
    counts_of,
    due_clause,
    listed_clauses,
)
from roost import ids
from roost.events.match import MatchState
from roost.places.gazetteer import gazetteer
from roost.time.urgency import Urgency, urgency
from tests.unit.api.clause_evaluation import meets

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = ids.station_id("here")


def asked(**said: Any) -> list[Any]:
    return listed_clauses((HERE,), QueueFilter(**said), "u-me", NOW)


def test_without_a_filter_it_is_what_is_active_at_the_station() -> None:
    assert {"terms": {"station_id": [HERE]}} in asked()
    assert {"term": {"active": True}} in asked()


def test_states_that_are_asked_for_are_listed_though_they_have_ended() -> None:
    found = asked(states=(MatchState.PLACED,))
    assert {"terms": {"state": ["placed"]}} in found
    assert {"term": {"active": True}} not in found


@pytest.mark.parametrize(
    ("said", "clause"),
    [
        ({"assigned_to": "me"}, {"term": {"assigned_to": "u-me"}}),
        ({"assigned_to": "li"}, {"term": {"assigned_to": "li"}}),
        (
            {"assigned_to": "nobody"},
            {"bool": {"must_not": [{"exists": {"field": "assigned_to"}}]}},
        ),
        ({"occupation": "zh:6"}, {"term": {"occupation": "zh:6"}}),
        ({"priority": True}, {"term": {"priority": True}}),
        ({"accepted": True}, {"exists": {"field": "accepted_at"}}),
        (
            {"older_than": timedelta(hours=2)},
            {"range": {"proposed_at": {"lte": "2026-11-23T07:00:00+00:00"}}},
        ),
    ],
)
def test_each_filter_is_a_clause_and_values_are_values(said: Any, clause: Any) -> None:
    assert clause in asked(**said)
    assert clause in counted_clauses((HERE,), QueueFilter(**said), "u-me", NOW)


def test_a_township_is_where_the_worker_lives_or_has_their_home() -> None:
    fields = asked(township="cn:140221")[-2]["bool"]["should"]
    assert fields == [{"term": {"lives_at": "cn:140221"}}, {"term": {"home": "cn:140221"}}]


@pytest.mark.parametrize("soon", [60, 900])
@pytest.mark.parametrize("minutes", [-5, 0, 1, 60, 61, 899, 900, 901])
def test_the_filter_of_urgency_is_the_same_as_what_is_shown(minutes: int, soon: int) -> None:
    by = NOW + timedelta(minutes=minutes)
    soon_at = by - timedelta(minutes=soon)
    document = {"act_by": by.isoformat(), "soon_at": soon_at.isoformat()}
    met = [level for level in Urgency if meets(document, due_clause(level, NOW))]
    assert met == [urgency(by, soon_at, NOW)]


def test_counts_are_shaped_with_names() -> None:
    kinds = ("overdue", "soon", "later", "mine", "unassigned", "accepted", "priority")
    active = {
        "doc_count": 3,
        "kinds": {"buckets": {kind: {"doc_count": 1} for kind in kinds}},
        "township": {"buckets": [{"key": "cn:1402", "doc_count": 3}]},
        "occupation": {
            "buckets": [
                {"key": "zh:6", "doc_count": 2, "name": {"buckets": [{"key": "焊工"}]}},
                {"key": "zh:7", "doc_count": 1, "name": {"buckets": []}},
            ]
        },
        "assigned_to": {"buckets": [{"key": "u-me", "doc_count": 1}]},
        "oldest": {"value": 1.0, "value_as_string": "2026-11-23T07:00:00.000Z"},
    }
    answered = {
        "states": {
            "buckets": [
                {"key": "proposed", "doc_count": 3},
                {"key": "placed", "doc_count": 9},
            ]
        },
        "active": active,
    }
    found = counts_of(answered, {"u-me": "李娟"}.__getitem__, gazetteer())
    assert (found.total, found.by_state[MatchState.PROPOSED], found.overdue) == (3, 3, 1)
    assert (found.by_state[MatchState.PLACED], found.by_state[MatchState.CLAIMED]) == (9, 0)
    assert found.townships[0].name == "大同市"
    assert [each.name for each in found.occupations] == ["焊工", "zh:7"]
    assert found.people[0].name == "李娟"
    asked_for = count_aggregations("u-me", NOW)
    assert set(asked_for["active"]["aggs"]["kinds"]["filters"]["filters"]) == set(kinds)
