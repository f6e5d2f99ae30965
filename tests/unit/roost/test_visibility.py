"""Employers see only the fields that the worker agreed to share."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roost.rules.visibility import accepted, shown_to_employer

PROFILE: dict[str, Any] = {
    "id": "w-" + "b" * 26,
    "name": "张三",
    "skills": ["焊接"],
    "licences": ["焊工证"],
    "experienceYears": 6,
    "education": "junior",
    "home": {"name": "岭泉镇"},
    "location": {"name": "北京市丰台区"},
    "wageWanted": {"currency": "CNY", "minValue": 7000},
    "registeredHousehold": {"registered": True, "consent": True},
    "channels": [{"kind": "sms", "address": "+8613800138000"}, {"kind": "inbox", "address": ""}],
    "summary": "家中有老人",
    "identifier": "A-1024",
}
MATCH: dict[str, Any] = {
    "id": "m-" + "a" * 26 + "." + "b" * 26,
    "openingId": "o-" + "a" * 26,
    "workerId": "w-" + "b" * 26,
    "state": "proposed",
    "revision": 1,
    "score": 88.0,
    "workerSide": 0.7,
    "employerSide": 0.8,
    "missingSkills": ["氩弧焊"],
    "about": {"priority": True, "home": ["cn:1"], "livesAt": ["cn:2"]},
    "reasons": [
        {"part": "priority", "points": 5, "en": "registered household", "zh": "建档立卡户优先"},
        {"part": "skills", "points": 40, "en": "welds", "zh": "会焊接"},
        {"part": "wage", "points": 10, "en": "wants 7000", "zh": "期望7000"},
        {"part": "distance", "points": 10, "en": "lives near", "zh": "住得近"},
        {"part": "next_step", "points": 0, "en": "call", "zh": "致电"},
    ],
    "history": [
        {"actionId": "a-1", "kind": "claim", "actor": {"role": "clerk", "id": "u-li"},
         "outcome": "accepted"},
        {"actionId": "a-2", "kind": "interview", "actor": {"role": "employer", "id": "k-hr"},
         "outcome": "accepted"},
    ],
}  # fmt: skip
NEVER = ("建档立卡", "registered", "priority", "岭泉镇", "丰台", "7000", "老人", "A-1024", "u-li")


def seen(match: dict[str, Any], **chosen: bool) -> str:
    profile = PROFILE | {"shownToEmployers": chosen} if chosen else PROFILE
    return json.dumps(shown_to_employer(match, profile), ensure_ascii=False)


@pytest.mark.parametrize("accept", [False, True])
@pytest.mark.parametrize("chosen", [{}, {"name": True, "contact": True, "experience": True}])
def test_household_home_wage_and_clerks_are_never_shown(
    accept: bool, chosen: dict[str, bool]
) -> None:
    text = seen(MATCH | ({"acceptedAt": "2026-11-23T09:00:00Z"} if accept else {}), **chosen)
    assert [word for word in NEVER if word in text] == []
    assert '"score"' not in text, "its points would give the household away"


def test_before_the_worker_accepts_there_is_experience_but_nobody_behind_it() -> None:
    text = seen(MATCH)
    assert "焊接" in text
    assert "会焊接" in text
    assert "张三" not in text
    assert "13800138000" not in text


def test_who_shows_no_experience_shows_none_and_no_reason_that_tells_of_it() -> None:
    text = seen(MATCH, experience=False)
    assert "焊" not in text


def test_who_consents_to_name_or_contact_shows_just_that() -> None:
    assert "张三" in seen(MATCH, name=True)
    assert "13800138000" not in seen(MATCH, name=True)
    assert "13800138000" in seen(MATCH, contact=True)
    assert "张三" not in seen(MATCH, contact=True)


def test_who_has_accepted_is_known_to_the_employer() -> None:
    shown = shown_to_employer(MATCH | {"acceptedAt": "2026-11-23T09:00:00Z"}, PROFILE)
    assert shown["worker"]["name"] == "张三"
    assert shown["worker"]["contact"] == [{"kind": "sms", "address": "+8613800138000"}]


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_an_acceptance_no_longer_counts_once_the_match_has_ended(state: str) -> None:
    over = MATCH | {"acceptedAt": "2026-11-23T09:00:00Z", "state": state}
    assert "name" not in shown_to_employer(over, PROFILE)["worker"]
    assert "contact" not in shown_to_employer(over, PROFILE)["worker"]
    placed = shown_to_employer(over | {"state": "placed"}, PROFILE)
    assert placed["worker"]["name"] == "张三"


def test_an_acceptance_of_an_earlier_round_does_not_count_in_the_next() -> None:
    entry = {"kind": "accept", "outcome": "accepted", "at": "2026-11-01T09:00:00Z"}
    assert accepted({"history": [entry], "proposedAt": "2026-11-01T08:00:00Z"})
    assert not accepted({"history": [entry], "proposedAt": "2026-11-20T08:00:00Z"})


def test_of_a_worker_who_is_erased_nothing_is_left() -> None:
    shown = shown_to_employer(MATCH | {"acceptedAt": "2026-11-23T09:00:00Z"}, None)
    assert shown["worker"] == {}
    assert "reasons" not in shown


@pytest.mark.parametrize(
    ("entry", "is_accepted"),
    [
        ({"kind": "accept", "outcome": "accepted"}, True),
        ({"kind": "accept", "outcome": "refused"}, False),
        ({"kind": "accept", "outcome": "accepted", "undone": True}, False),
        ({"kind": "claim", "outcome": "accepted"}, False),
    ],
)
def test_acceptance_is_read_from_the_history_as_well(
    entry: dict[str, Any], is_accepted: bool
) -> None:
    assert accepted({"history": [entry]}) is is_accepted
