"""What somebody does about a match by a form: read, done by the API's own function, answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response

from api.access.principal import Principal
from api.console.shell.form_layout import Layout
from api.console.shell.plain import checked
from api.console.shell.saying import moment
from api.lists.documents import existing_document
from api.matches import endpoints as matches
from api.matches.acting import check_assignee
from api.matches.schemas import Act
from api.ports.services import Services
from roost.errors import Invalid, invalid_field
from roost.events.account import AccountRole
from roost.events.match import ActionKind, ContactOutcome, DeclineReason, InterviewBy, Match
from roost.views.elastic import Json

WAIT_S = 8.0
"""How long a person waits for the queue stage's decision; after that it comes by itself."""
TIMES = ("callAgainAt", "interviewAt")
SAID = ("reason", "assignee", "contact", "interviewBy", *TIMES)
FIELDS = Layout(texts=SAID)
CHOICES = {
    "contact": tuple(each.value for each in ContactOutcome),
    "reason": tuple(each.value for each in DeclineReason),
    "interviewBy": tuple(each.value for each in InterviewBy),
}
STAFF = frozenset({AccountRole.CLERK, AccountRole.CHIEF})


@dataclass(frozen=True, slots=True)
class Done:
    match: Match
    judged: bool
    """Whether the queue stage has decided already."""


async def act(
    given: Services, who: Principal, id: str, kind: ActionKind, sent: Mapping[str, str]
) -> Done:
    """Raises what the API raises: Conflict for what a colleague has, Invalid by field."""
    said = checked(Act, told(sent, given.settings.time_zone))
    answer = await do(given, who, id, kind, said, WAIT_S)
    document = await existing_document(given.elastic, "matches", id, "match", "匹配")
    return Done(Match.from_stored(document["fact"]), "action" not in answer)


async def do(
    given: Services, who: Principal, id: str, kind: ActionKind, said: Act, wait_s: float
) -> Json:
    """The API's own action, for every page that offers one; its answer."""
    return await matches.act(
        id=id,
        kind=kind,
        body=said,
        who=who,
        given=given,
        wait=wait_s,
        response=Response(),
        key=None,
    )


def told(sent: Mapping[str, str], zone: str) -> Json:
    """What was filled in; a time is of the county's clock. Raises Invalid for what is no time."""
    said: Json = {name: sent[name] for name in SAID if sent.get(name)}
    for name in TIMES:
        if name in said:
            said[name] = _moment(name, said[name], zone).isoformat()
    return said


def _moment(name: str, text: str, zone: str) -> datetime:
    found = moment(text, zone)
    if found is None:
        raise invalid_field(name, "is no date and time", "不是有效的日期和时间")
    return found


def colleagues(given: Services, who: Principal, match: Match) -> list[tuple[str, str]]:
    """To whom it may be given: those who work at the station, but for who has it already."""
    accounts = given.identities.accounts.values()
    found = [
        (each.id, each.name)
        for each in accounts
        if each.role in STAFF
        and each.id != match.assigned_to
        and _may_have(who, each.id, given, match)
    ]
    return sorted(found, key=lambda each: (each[0] != who.id, each[1]))


def _may_have(who: Principal, id: str, given: Services, match: Match) -> bool:
    try:
        check_assignee(who, id, given.identities.accounts.get(id), match.station_id)
    except Invalid:
        return False
    return True
