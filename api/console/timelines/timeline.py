"""Timelines of workers, openings and employers: events of all sources, newest first. Pure.

Every source is bounded, so a timeline is sorted in memory and cut into pages. An action that was
not accepted is left out: it changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from api.conversations.schemas import SentMessage
from api.history.changes import Change, ChangeKind
from api.inbox.schemas import Entry
from api.matches.service import DayOfMatches
from api.notes.schemas import NoteAnswer
from roost.events.note import NoteKind
from roost.events.notification import NotificationKind

Json = Mapping[str, Any]
EACH_PAGE = 30
NAMED_ROLES = frozenset({"clerk", "chief"})
"""Roles of actors that are shown by name; others are shown by role."""
OF_MATCH = frozenset({"paused", "resumed", "expired"})
"""Changes of a match that no person's action on it made, besides its proposal."""


class EventKind(StrEnum):
    """Source of an event."""

    MATCH = "match"
    MESSAGE = "message"
    NOTICE = "notice"
    PROFILE = "profile"
    CHANGE = "change"
    DAY = "day"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline; `data` is shown by the template of its kind."""

    at: datetime
    kind: EventKind
    data: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of a timeline, from 1 on; `cut` is whether a source has older events."""

    events: Sequence[Event]
    number: int
    more: bool
    cut: bool


def newest_first(*sources: Iterable[Event]) -> list[Event]:
    """Return the events of all sources, newest first; simultaneous ones in their order."""
    events = [event for each in sources for event in each]
    return sorted(events, key=lambda each: each.at, reverse=True)


def note_events(notes: Iterable[NoteAnswer]) -> list[Event]:
    """Return an event for each note; reasons and interviews are part of their actions."""
    return [
        Event(each.written_at, EventKind.NOTE, {"note": each, "by": each.by_name})
        for each in notes
        if each.kind is NoteKind.NOTE
    ]


def reason_texts(notes: Iterable[NoteAnswer]) -> dict[str, str]:
    """Return the texts of reasons, by the action that each belongs to."""
    return {
        each.action_id: each.text
        for each in notes
        if each.kind is NoteKind.REASON and each.action_id and each.text
    }


def match_events(match: Json, texts: Mapping[str, str] = MappingProxyType({})) -> list[Event]:
    """Return the proposal of a match, the accepted actions on it, and its other changes."""
    names = match.get("names") or {}
    title = (match.get("about") or {}).get("title", "")
    about = {"match": match["id"], "title": title}
    proposal = about | {"did": "proposed"}
    if by_hand := match.get("byHand"):
        proposal |= {"did": "by_hand", "by": _name(by_hand["actor"], names)}
    proposed = Event(_moment(match["proposedAt"]), EventKind.MATCH, proposal)
    changed = [
        Event(
            _moment(each["at"]),
            EventKind.MATCH,
            about | {"did": each["kind"], "cause": each.get("cause")},
        )
        for each in match.get("changes", ())
        if each["kind"] in OF_MATCH
    ]
    taken = [
        Event(
            _moment(each["at"]),
            EventKind.MATCH,
            about
            | {
                "did": each["kind"],
                "action": True,
                "contact": each.get("contact"),
                "call_again_at": each.get("callAgainAt"),
                "reason": each.get("reason"),
                "reason_text": texts.get(each.get("actionId", "")),
                "interview_at": each.get("interviewAt"),
                "assignee": names.get(each.get("assignee") or "", ""),
                "undone": bool(each.get("undone")),
                "role": each["actor"]["role"],
                "by": _name(each["actor"], names),
            },
        )
        for each in match.get("history", ())
        if each.get("outcome") == "accepted"
    ]
    return [*reversed(taken), *reversed(changed), proposed]


def message_events(messages: Iterable[SentMessage]) -> list[Event]:
    """Return the messages of a conversation."""
    return [Event(each.sent_at, EventKind.MESSAGE, {"message": each}) for each in messages]


def notice_events(entries: Iterable[Entry]) -> list[Event]:
    """Return the entries of an inbox: notices, and answers to requests; no messages."""
    return [
        Event(each.at, EventKind.NOTICE, {"entry": each})
        for each in entries
        if each.kind is not NotificationKind.STATION_MESSAGE  # it is a message already
    ]


def profile_events(profile: Json) -> list[Event]:
    """Return the registration, and the newest change of each field that the person changed."""
    events = [
        Event(_moment(each["at"]), EventKind.PROFILE, {"field": each["field"]})
        for each in profile.get("ownChanges", ())
    ]
    if created := profile.get("createdAt"):
        events.append(Event(_moment(created), EventKind.PROFILE, {"field": None}))
    return events


def change_events(changes: Iterable[Change], titles: Mapping[str, str]) -> list[Event]:
    """Return the changes of entities; `titles` name openings by id where there are several."""
    return [
        Event(
            each.at,
            EventKind.CHANGE,
            {
                "change": each.kind.value,
                "role": each.role and each.role.value,
                "by": each.by,
                "opening": each.entity if each.entity in titles else None,
                "title": titles.get(each.entity, ""),
            },
        )
        for each in changes
    ]


def posting_events(
    openings: Iterable[Json], changes: Iterable[Change], titles: Mapping[str, str]
) -> list[Event]:
    """Return the postings that no change records: those of imports, sources and old records."""
    recorded = {each.entity for each in changes if each.kind is ChangeKind.POSTED}
    posted = [
        Change(each["id"], ChangeKind.POSTED, _moment(each["createdAt"]))
        for each in openings
        if each.get("createdAt") and each["id"] not in recorded
    ]
    return change_events(posted, titles)


def day_events(days: Iterable[DayOfMatches]) -> list[Event]:
    """Return the days with new matches, each with their number."""
    return [Event(each.last_at, EventKind.DAY, {"number": each.number}) for each in days]


def page_of_events(events: Sequence[Event], number: int, *, cut: bool = False) -> TimelinePage:
    """Return a page of a timeline, from 1 on."""
    end = number * EACH_PAGE
    return TimelinePage(events[end - EACH_PAGE : end], number, end < len(events), cut)


def _name(actor: Json, names: Mapping[str, str]) -> str:
    return names.get(actor["id"], "") if actor["role"] in NAMED_ROLES else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
