"""Details of arranged interviews, for the answers that contain a match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.ports.services import Services
from roost.events.match import Match, MatchState
from roost.rules.interview_details import details_in_force, interview_note_id
from roost.topics import NOTES
from roost.views.elastic import Json


async def with_interviews(
    given: Services, documents: Sequence[Json], answers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the answers of matches, with `interviewDetails` where an interview is arranged."""
    arranged = MatchState.INTERVIEWED.value
    keys = {
        each["id"]: (NOTES.name, interview_note_id(each["id"]))
        for each in documents
        if each["fact"].get("state") == arranged
    }
    if not keys:
        return list(answers)
    found = await given.elastic.mget(list(keys.values()), ("fact", "erased"))
    facts = {id: found.get(key, {}).get("fact") for id, key in keys.items()}
    details = [details_in_force(each["fact"], facts.get(each["id"])) for each in documents]
    return [
        answer | ({"interviewDetails": each} if each else {})
        for answer, each in zip(answers, details, strict=True)
    ]


async def interview_details(given: Services, match: Match) -> dict[str, Any] | None:
    """Return the details of a match's arranged interview; None if there are none."""
    if match.state is not MatchState.INTERVIEWED:
        return None
    document = await given.elastic.get(NOTES.name, interview_note_id(match.id))
    return details_in_force(match.to_dict(), (document or {}).get("fact"))
