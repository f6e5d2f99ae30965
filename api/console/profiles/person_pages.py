"""Page of a worker for staff: contact, wishes, consents, matches and everything that happened."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.notes.section import notes_section
from api.console.queue.queue_rows import phone_of, place_name
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import wage
from api.console.shell.translations import say_in
from api.console.timelines.timeline import (
    change_events,
    match_events,
    message_events,
    newest_first,
    note_events,
    notice_events,
    page_of_events,
    profile_events,
    reason_texts,
)
from api.conversations import service as conversations
from api.history.changes import ChangeKind, changes_of_worker
from api.inbox import service as inbox
from api.inbox.schemas import Whose
from api.joining.service import SOURCE
from api.lists.documents import fact_with_version
from api.matches import service as matches
from api.matches.match_query import MatchFilter, MatchSort
from api.notes import service as notes
from api.ports.services import Given, Services
from api.profiles import known_people
from api.profiles import service as profiles
from producers.people_search import KnownPerson, WantedPerson
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.match import MatchState
from roost.events.note import NoteAbout
from roost.events.profile import Profile

router = APIRouter(prefix="/console/profiles", include_in_schema=False)
Staff = Annotated[Principal, allow(Permission.PROFILES_READ)]
MOST = 200
"""Newest matches, messages and notices of a worker that the page holds, of each."""


@router.get("/{id}/details")
async def show_person(
    id: WorkerId,
    request: Request,
    who: Staff,
    given: Given,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Response:
    """Show a worker, their matches, and a page of the timeline."""
    worker = fact_with_version(await profiles.find_profile(given, who, id))
    found, talk, told, changes, written = await _happened(given, who, id, spoken(request))
    events = newest_first(
        (event for each in found for event in match_events(each, reason_texts(written))),
        note_events(written),
        message_events(talk.items),
        notice_events(told),
        change_events((each for each in changes if each.kind is not ChangeKind.POSTED), {}),
        profile_events(worker),
    )
    cut = any(len(each) == MOST for each in (found, talk.items, told, changes, written))
    return page(
        request,
        "profiles/person.html",
        worker=worker,
        wage=wage(worker.get("wageWanted"), say_in(spoken(request))),
        places=[place_name(worker["home"]), place_name(worker["location"])],
        matches=sorted(found, key=lambda each: not MatchState(each["state"]).active),
        waiting=talk.waiting,
        stopped=talk.stopped,
        history=page_of_events(events, number, cut=cut),
        notes=await notes_section(given, who, NoteAbout.WORKER, id),
        no_phone=not phone_of(worker),
        alike=await _alike(given, who, worker),
    )


async def _alike(
    given: Services, who: Principal, worker: dict[str, Any]
) -> Sequence[KnownPerson] | None:
    """Return stored people within reach who may be a person who signed up; None for others."""
    if worker.get("source") != SOURCE:
        return None
    wanted = WantedPerson(worker["id"], Profile.from_stored(worker))
    found = await known_people.find(given, who, [wanted])
    return found[wanted.id].people if wanted.id in found else ()


async def _happened(given: Services, who: Principal, id: str, language: str) -> tuple[Any, ...]:
    """Return a worker's matches in reach, conversation, notices, changes and notes.

    Those of another station are not among the matches. Raises NotFound.
    """
    owner = await inbox.open_inbox(given, who, Permission.INBOX_READ, Whose.PROFILES, id, language)
    newest = MatchSort.NEWEST
    found, talk, told, changes, written = await asyncio.gather(
        matches.list_matches(given, who, MatchFilter(worker=id), sort=newest, limit=MOST),
        conversations.read_conversation(given, who, id, limit=MOST),
        inbox.read_inbox(given, who, owner, unread=False, limit=MOST),
        changes_of_worker(given, who, id, limit=MOST),
        notes.list_about_worker(given, who, id, limit=MOST),
    )
    return found.items, talk, told.items, changes, written
