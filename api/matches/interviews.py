"""Details of arranged interviews, for the answers that contain a match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.ports.services import Services
from roost.events.match import Match, MatchState
from roost.rules.interview_details import (
    details_in_force,
    interview_note_id,
    slot_of_interview,
)
from roost.topics import NOTES, SLOTS
from roost.views.elastic import Json


async def with_interviews(
    given: Services, documents: Sequence[Json], answers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the answers of matches, with `interviewDetails` where an interview is arranged."""
    arranged = MatchState.INTERVIEWED.value
    facts = [each["fact"] if each["fact"].get("state") == arranged else {} for each in documents]
    details = await _details(given, facts)
    return [
        answer | ({"interviewDetails": each} if each else {})
        for answer, each in zip(answers, details, strict=True)
    ]


async def interview_details(given: Services, match: Match) -> dict[str, Any] | None:
    """Return the details of a match's arranged interview; None if there are none."""
    if match.state is not MatchState.INTERVIEWED:
        return None
    (details,) = await _details(given, [match.to_dict()])
    return details


async def _details(given: Services, facts: Sequence[Json]) -> list[dict[str, Any] | None]:
    """Return the details of arranged interviews, from their slots or their own records.

    An empty fact stands for a match without an interview.
    """
    keys = [_key_of_details(each) if each else None for each in facts]
    if not any(keys):
        return [None] * len(facts)
    found = await given.elastic.mget([key for key in keys if key], ("fact", "erased"))
    stored = [found.get(key, {}).get("fact") if key else None for key in keys]
    return [
        details_in_force(fact, None if slot_of_interview(fact) else each, each)
        for fact, each in zip(facts, stored, strict=True)
    ]


def _key_of_details(fact: Json) -> tuple[str, str]:
    slot_id = slot_of_interview(fact)
    return (SLOTS.name, slot_id) if slot_id else (NOTES.name, interview_note_id(fact["id"]))
