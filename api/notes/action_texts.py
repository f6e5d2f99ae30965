"""Texts of actions on matches: they are stored apart from the actions, whose topic is append-only.

The caller has authorised the action. A text is stored before its action is published, and shown
only with an accepted action, so that no order of the two shows a wrong text.
"""

from __future__ import annotations

from api.lists.paging import bool_of
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import NOTE
from api.writes.publishing import Written, searchable_within, write_fact
from producers import note_facts as facts
from roost.errors import Transient
from roost.events.envelope import Record
from roost.events.match import MatchAction
from roost.events.note import InterviewDetails, Note, NoteKind
from roost.topics import NOTES
from roost.views.elastic import Json

MOST_REASONS = 200
"""Newest texts of reasons that a page shows."""
IN_VIEW_WITHIN_S = 10.0
"""Longest wait for the details of an interview; its message is written from the view."""


async def store_reason(given: Services, action: MatchAction, text: str) -> None:
    """Store the text of an action's reason. Raises Transient."""
    await _store(given, action, facts.reason_given(action, text))


async def store_interview(given: Services, action: MatchAction, details: InterviewDetails) -> None:
    """Store the details of an interview, and wait until its message can state them.

    Raises Transient if the view does not show them in time; then nothing was arranged.
    """
    note, record = facts.interview_described(action, details)
    written = await _store(given, action, (note, record))
    if not await searchable_within(given, written, IN_VIEW_WITHIN_S):
        raise Transient(
            "The interview's details could not be stored yet; try again in a moment.",
            "面试信息暂未保存，请稍后重试。",
        )


async def _store(given: Services, action: MatchAction, described: tuple[Note, Record]) -> Written:
    note, record = described

    async def authorise(current: CurrentFact) -> None:
        """Accept it: the service of matches has authorised the action."""

    async def derive(current: CurrentFact) -> Record:
        stored = Note.from_stored(current.fact) if current.fact is not None else None
        if stored is not None and stored.action_id == action.id:
            return facts.note_repeated(stored)  # a repeat of the action
        return record

    return await write_fact(given, NOTE, note.id, authorise, derive)


async def reason_texts(given: Services, about: list[Json]) -> dict[str, str]:
    """Return the texts of reasons that meet the filters, by action; without those removed."""
    filters: list[Json] = [
        {"term": {"kind": NoteKind.REASON.value}},
        {"term": {"removed": False}},
        *about,
    ]
    body: Json = {
        "size": MOST_REASONS,
        "sort": [{"written_at": "desc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    found = await given.elastic.search(NOTES.name, body)
    notes = [Note.from_stored(hit.source["fact"]) for hit in found.hits]
    return {each.action_id: each.text for each in notes if each.action_id and each.text}
