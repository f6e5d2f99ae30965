"""Rows from matches: only the outcome of a pair, and nothing about the persons."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from matcher.match_outcomes import GAIN, OutcomeRow, row_of, verdict_on
from matcher.ranking import Parts
from roost import ids
from roost.events.match import (
    ActionKind,
    Actor,
    DeclineReason,
    HistoryEntry,
    Match,
    MatchState,
    Outcome,
    Role,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
PARTS = Parts(
    fit=0.9,
    skills=None,
    wage=0.8,
    nearness=0.7,
    comfort=0.5,
    experience=1.0,
    education=0.6,
    boost=True,
    away_km=3.0,
)
UNBOOSTED = replace(PARTS, boost=False, away_km=900.0)


def entry(
    kind: ActionKind,
    day: int = 0,
    role: Role = Role.CLERK,
    outcome: Outcome = Outcome.ACCEPTED,
) -> HistoryEntry:
    return HistoryEntry(
        action_id=ids.derive("a", kind, str(day)),
        kind=kind,
        actor=Actor(role=role, id="li"),
        at=NOW + timedelta(days=day),
        outcome=outcome,
    )


def match(state: MatchState, *history: HistoryEntry, cause: str = "") -> Match:
    return Match(
        id=ids.match_id(OPENING, WORKER),
        opening_id=OPENING,
        worker_id=WORKER,
        state=state,
        revision=1,
        score=70,
        worker_side=0.7,
        employer_side=0.7,
        opening_version=1,
        profile_version=1,
        model="m",
        proposed_at=NOW - timedelta(hours=1),
        changed_at=NOW + timedelta(days=30),
        caused_at=NOW,
        cause=cause,
        history=history,
    )


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ActionKind.CONTACT, MatchState.CONTACTED),
        (ActionKind.REFER, MatchState.REFERRED),
        (ActionKind.INTERVIEW, MatchState.INTERVIEWED),
        (ActionKind.PLACE, MatchState.PLACED),
    ],
)
def test_how_far_a_pair_came_is_its_gain_on_the_day_it_came_there(
    kind: ActionKind, state: MatchState
) -> None:
    verdict = verdict_on(match(state, entry(ActionKind.CLAIM), entry(kind, day=2)))
    assert verdict is not None
    assert verdict.gain == GAIN[state]
    assert verdict.day == date(2026, 11, 25)


@pytest.mark.parametrize("state", [MatchState.PROPOSED, MatchState.CLAIMED, MatchState.EXPIRED])
def test_a_pair_that_nobody_judged_says_nothing(state: MatchState) -> None:
    assert verdict_on(match(state)) is None
    assert verdict_on(match(state, entry(ActionKind.CLAIM))) is None
    assert verdict_on(match(state, entry(ActionKind.CONTACT))) is None


@pytest.mark.parametrize(
    ("reason", "gain"),
    [
        (DeclineReason.WAGE, 0.0),
        (DeclineReason.PLACE, 0.0),
        (DeclineReason.SHIFTS, 0.0),
        (DeclineReason.SKILLS, 0.0),
        (DeclineReason.NOT_INTERESTED, 0.0),
        (DeclineReason.UNREACHABLE, None),
        (DeclineReason.HAS_WORK, None),
        (DeclineReason.OTHER, None),
    ],
)
def test_only_a_decline_that_lies_in_the_pair_counts_against_it(
    reason: DeclineReason, gain: float | None
) -> None:
    history = entry(ActionKind.CONTACT), entry(ActionKind.DECLINE, 1, Role.WORKER)
    verdict = verdict_on(match(MatchState.DECLINED, *history, cause=reason.value))
    assert (verdict.gain if verdict else None) == gain


def test_losing_to_somebody_else_takes_nothing_from_how_far_a_pair_had_come() -> None:
    cause = DeclineReason.EMPLOYER_CHOSE_OTHER.value
    seen = entry(ActionKind.REFER), entry(ActionKind.INTERVIEW, 1)
    last = entry(ActionKind.DECLINE, 2, Role.EMPLOYER)
    interviewed = verdict_on(match(MatchState.DECLINED, *seen, last, cause=cause))
    unseen = verdict_on(match(MatchState.DECLINED, last, cause=cause))
    assert interviewed is not None
    assert unseen is not None
    assert (interviewed.gain, unseen.gain) == (0.8, 0.0)


def test_what_happened_in_an_earlier_round_does_not_count_for_this_one() -> None:
    cause = DeclineReason.EMPLOYER_CHOSE_OTHER.value
    history = entry(ActionKind.INTERVIEW, -5), entry(ActionKind.DECLINE, 1, Role.EMPLOYER)
    verdict = verdict_on(match(MatchState.DECLINED, *history, cause=cause))
    assert verdict is not None
    assert verdict.gain == 0.0


def test_a_clock_that_is_behind_takes_the_stages_and_does_no_other_harm() -> None:
    last = entry(ActionKind.DECLINE, -5, Role.EMPLOYER)
    cause = DeclineReason.EMPLOYER_CHOSE_OTHER.value
    verdict = verdict_on(match(MatchState.DECLINED, last, cause=cause))
    assert verdict is not None
    assert verdict.gain == 0.0


def test_what_the_system_did_or_was_refused_is_nobodys_judgement() -> None:
    by_system = entry(ActionKind.DECLINE, role=Role.SYSTEM)
    assert verdict_on(match(MatchState.DECLINED, by_system, cause="wage")) is None
    refused = entry(ActionKind.PLACE, outcome=Outcome.REFUSED)
    assert verdict_on(match(MatchState.PLACED, refused)) is None


def test_a_refused_action_after_the_outcome_changes_nothing() -> None:
    late = entry(ActionKind.CONTACT, 9, outcome=Outcome.REFUSED)
    verdict = verdict_on(match(MatchState.PLACED, entry(ActionKind.PLACE, 1), late))
    assert verdict is not None
    assert (verdict.gain, verdict.day) == (1.0, date(2026, 11, 24))


def test_a_row_holds_parts_gain_day_group_number_and_items_and_nothing_else() -> None:
    assert {field.name for field in fields(OutcomeRow)} == {
        "person",
        "skill_items",
        "work_items",
        "query",
        "day",
        "gain",
        "fit",
        "skills",
        "wage",
        "nearness",
        "comfort",
        "experience",
        "education",
    }


def test_a_row_names_neither_worker_nor_opening_and_not_the_consented_priority() -> None:
    verdict = verdict_on(match(MatchState.PLACED, entry(ActionKind.PLACE)))
    assert verdict is not None
    row = row_of(verdict, PARTS)
    told = repr(row)
    assert OPENING[2:] not in told
    assert WORKER[2:] not in told
    assert "li" not in told.split("'")
    assert (row.fit, row.skills, row.nearness) == (0.9, 0.9, 0.7)
    assert row == row_of(verdict, UNBOOSTED)


def test_skills_that_were_asked_for_stand_in_the_row() -> None:
    verdict = verdict_on(match(MatchState.PLACED, entry(ActionKind.PLACE)))
    assert verdict is not None
    assert row_of(verdict, replace(PARTS, skills=0.25)).skills == 0.25


def test_rows_of_one_opening_share_a_group_and_those_of_another_do_not() -> None:
    first = verdict_on(match(MatchState.PLACED, entry(ActionKind.PLACE)))
    assert first is not None
    other = type(first)(ids.opening_id("t", "2"), WORKER, 1.0, first.day)
    assert row_of(first, PARTS).query == row_of(first, UNBOOSTED).query
    assert row_of(first, PARTS).query != row_of(other, PARTS).query
