"""Actions on a match through a form of the staff: read the form, act, return the match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.access.principal import Principal
from api.console.match.typed_texts import TEXTS, texts_of
from api.console.shell.form_layout import Layout
from api.console.shell.plain import checked
from api.console.shell.saying import moment
from api.matches import service as matches
from api.matches.acting import works_at
from api.matches.schemas import Act
from api.ports.services import Services
from roost.errors import invalid_field
from roost.events.account import AccountRole
from roost.events.match import ActionKind, ContactOutcome, DeclineReason, InterviewBy, Match
from roost.views.elastic import Json

WAIT_S = 8.0
"""Time that a page waits for the queue stage's decision; a later one arrives as a live update."""
TIMES = ("callAgainAt", "interviewAt")
FIELDS = ("reason", "assignee", "contact", "interviewBy", "slotId", *TIMES)
LAYOUT = Layout(texts=(*FIELDS, *TEXTS))
CHOICES = {
    "contact": tuple(each.value for each in ContactOutcome),
    "reason": tuple(each.value for each in DeclineReason),
    "interviewBy": tuple(each.value for each in InterviewBy),
}
ASSIGNABLE = frozenset({AccountRole.CLERK, AccountRole.CHIEF})
"""Roles that the form offers for an assignment."""


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """The match after an action, and whether the queue stage has decided on the action."""

    match: Match
    is_decided: bool


async def act_by_form(
    given: Services, who: Principal, id: str, kind: ActionKind, sent: Mapping[str, str]
) -> FormOutcome:
    """Act on a match with the details of a form. Raises as `act_on_match` does."""
    details = checked(Act, details_from_form(sent, given.settings.time_zone))
    outcome = await matches.act_on_match(given, who, id, kind, details, wait_s=WAIT_S)
    document = outcome.decided or await matches.find_match(given, who, id)
    return FormOutcome(Match.from_stored(document["fact"]), outcome.decided is not None)


def details_from_form(sent: Mapping[str, str], zone: str) -> Json:
    """Return the details in a form's fields; times are of the county's time zone.

    Raises Invalid for a text that is no time.
    """
    details: Json = {name: sent[name] for name in FIELDS if sent.get(name)} | texts_of(sent)
    for name in TIMES:
        if name in details:
            details[name] = _time(name, details[name], zone).isoformat()
    return details


def _time(name: str, text: str, zone: str) -> datetime:
    found = moment(text, zone)
    if found is None:
        raise invalid_field(name, "is no date and time", "不是有效的日期和时间")
    return found


def assignable_colleagues(given: Services, who: Principal, match: Match) -> list[tuple[str, str]]:
    """Return the ids and names of the station's staff except the holder; the caller comes first."""
    found = assignable_at(given, who, match.station_id)
    return [each for each in found if each[0] != match.assigned_to]


def assignable_at(given: Services, who: Principal, station_id: str | None) -> list[tuple[str, str]]:
    """Return the ids and names of a station's staff; the caller comes first."""
    found = [
        (each.id, each.name)
        for each in given.identities.accounts.values()
        if each.role in ASSIGNABLE and works_at(each, station_id)
    ]
    return sorted(found, key=lambda each: (each[0] != who.id, each[1]))
