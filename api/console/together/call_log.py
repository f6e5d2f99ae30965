"""Outcome of one call with a worker about several matches: read from a form, as actions. Pure.

Each answer is a contact and, where it settles more, a second action at the same time: an undo takes
both back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.console.match.match_actions import details_from_form
from api.console.shell.plain import checked
from api.matches.schemas import Act, BatchedAction, check_details
from roost.errors import FieldError, Invalid
from roost.events.match import ActionKind, ContactOutcome, DeclineReason, Match

DETAILS = ("said", "reason", "callAgainAt")
"""Fields of an answer; those of one match end with its id."""
REASONS = tuple(each.value for each in DeclineReason if each is not DeclineReason.OTHER)
"""Reasons for declining several matches; another one is stated on the match itself."""
SAME = "same"
"""Field that says whether the first answer is that about all matches."""
NOTHING_SAID = (
    "choose what was said, for all matches or at least for one",
    "请选择通话结果：全部岗位，或至少一个岗位",
)


class Said(StrEnum):
    """Answer of a worker about a match."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    CALL_BACK = "call_back"
    UNDECIDED = "undecided"
    NOT_REACHED = "not_reached"


OUTCOMES = {
    Said.CALL_BACK: ContactOutcome.CALL_BACK,
    Said.NOT_REACHED: ContactOutcome.NO_ANSWER,
}
"""Outcome of the call by answer, where the worker was not simply reached."""


@dataclass(frozen=True, slots=True)
class CallLog:
    """Answers by match, the actions that record them, and the faults of the form."""

    said: Mapping[str, Said]
    items: Sequence[BatchedAction]
    faults: Sequence[FieldError]


def field_of(name: str, match_id: str) -> str:
    """Return the name of the field for one match."""
    return f"{name}.{match_id}"


def call_log(
    sent: Mapping[str, str], matches: Iterable[Match], zone: str, now: datetime
) -> CallLog:
    """Return the call in a form about these matches; with a fault, without any action.

    Times are of the county's time zone.
    """
    said: dict[str, Said] = {}
    items: list[BatchedAction] = []
    faults: dict[str, FieldError] = {}
    same = sent.get(SAME) == "yes"
    for match in matches:
        suffix = "" if same else f".{match.id}"
        answer = _answer(sent.get(f"said{suffix}", ""))
        if answer is None:
            continue
        said[match.id] = answer
        given = {name: sent.get(f"{name}{suffix}", "") for name in DETAILS}
        try:
            items += actions_for(answer, match, given, zone, now)
        except Invalid as error:
            for each in error.fields:
                name = f"{each.field}{suffix}"
                faults[name] = FieldError(name, each.message, each.message_zh)
    if not said:
        faults["said"] = FieldError("said", *NOTHING_SAID)
    return CallLog(said, [] if faults else items, list(faults.values()))


def actions_for(
    said: Said, match: Match, given: Mapping[str, str], zone: str, now: datetime
) -> list[BatchedAction]:
    """Return the actions that record an answer. Raises Invalid for a missing or wrong detail."""
    outcome = OUTCOMES.get(said, ContactOutcome.REACHED)
    contact = {"contact": outcome.value}
    if said is Said.CALL_BACK:
        contact["callAgainAt"] = given.get("callAgainAt", "")
    actions = [_action(match, ActionKind.CONTACT, contact, zone, now)]
    if said is Said.NOT_INTERESTED:
        reason = {"reason": given.get("reason", "")}
        actions.append(_action(match, ActionKind.DECLINE, reason, zone, now))
    if said is Said.INTERESTED and match.accepted_at is None:
        actions.append(_action(match, ActionKind.ACCEPT, {}, zone, now))
    return actions


def _action(
    match: Match, kind: ActionKind, given: Mapping[str, str], zone: str, now: datetime
) -> BatchedAction:
    details = checked(Act, details_from_form(given, zone))
    check_details(kind, details, now)
    return BatchedAction(match_id=match.id, kind=kind, details=details)


def _answer(text: str) -> Said | None:
    return Said(text) if text in set(Said) else None
