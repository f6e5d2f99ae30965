"""Timeline of a worker: matches and their actions, messages, notices, changes of the profile. Pure.

Every source is bounded, so a timeline is sorted in memory and cut into pages. An action that was
not accepted is left out: it changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from api.conversations.schemas import SentMessage
from api.inbox.schemas import Entry
from roost.events.notification import NotificationKind

Json = Mapping[str, Any]
EACH_PAGE = 30
NAMED_ROLES = frozenset({"clerk", "chief"})
"""Roles of actors that are shown by name; others are shown by role."""


class EventKind(StrEnum):
    """Source of an event."""

    MATCH = "match"
    MESSAGE = "message"
    NOTICE = "notice"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline; `data` is shown by the template of its kind."""

    at: datetime
    kind: EventKind
    data: Json = field(default_factory=dict)


def timeline(
    profile: Json,
    matches: Iterable[Json],
    messages: Iterable[SentMessage],
    entries: Iterable[Entry],
) -> list[Event]:
    """Return the events of a worker, newest first; simultaneous ones in the order of sources."""
    events = [
        *(event for each in matches for event in match_events(each)),
        *(Event(each.sent_at, EventKind.MESSAGE, {"message": each}) for each in messages),
        *(
            Event(each.at, EventKind.NOTICE, {"entry": each})
            for each in entries
            if each.kind is not NotificationKind.STATION_MESSAGE  # it is a message already
        ),
        *profile_events(profile),
    ]
    return sorted(events, key=lambda each: each.at, reverse=True)


def match_events(match: Json) -> list[Event]:
    """Return the proposal of a match and the accepted actions on it."""
    names = match.get("names") or {}
    title = (match.get("about") or {}).get("title", "")
    about = {"match": match["id"], "title": title}
    proposed = Event(_moment(match["proposedAt"]), EventKind.MATCH, about | {"did": "proposed"})
    taken = [
        Event(
            _moment(each["at"]),
            EventKind.MATCH,
            about
            | {
                "did": each["kind"],
                "contact": each.get("contact"),
                "reason": each.get("reason"),
                "interview_at": each.get("interviewAt"),
                "undone": bool(each.get("undone")),
                "role": each["actor"]["role"],
                "by": _name(each["actor"], names),
            },
        )
        for each in match.get("history", ())
        if each.get("outcome") == "accepted"
    ]
    return [*reversed(taken), proposed]


def profile_events(profile: Json) -> list[Event]:
    """Return the registration, and the newest change of each field that the person changed."""
    events = [
        Event(_moment(each["at"]), EventKind.PROFILE, {"field": each["field"]})
        for each in profile.get("ownChanges", ())
    ]
    if created := profile.get("createdAt"):
        events.append(Event(_moment(created), EventKind.PROFILE, {"field": None}))
    return events


def page_of_events(events: Sequence[Event], number: int) -> tuple[Sequence[Event], bool]:
    """Return a page of a timeline, from 1 on, and whether another one follows."""
    end = number * EACH_PAGE
    return events[end - EACH_PAGE : end], end < len(events)


def _name(actor: Json, names: Mapping[str, str]) -> str:
    return names.get(actor["id"], "") if actor["role"] in NAMED_ROLES else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
