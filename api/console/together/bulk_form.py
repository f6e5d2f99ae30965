"""Form of one action on many matches: the chosen matches and the details, as actions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from api.access.policy import is_chief
from api.access.principal import Principal
from api.console.shell.plain import checked
from api.matches.schemas import MOST_ACTIONS, Act, BatchedAction, check_details
from roost.errors import Invalid, invalid_field
from roost.events.common import MatchId
from roost.events.match import ActionKind
from roost.ids import split_match_id

MOST = MOST_ACTIONS
"""Matches that one action takes at a time."""
_IDS = TypeAdapter(MatchId)


class Bulk(StrEnum):
    """Action on the chosen matches."""

    CLAIM = "claim"
    ASSIGN = "assign"
    RELEASE = "release"
    DECLINE = "decline"
    MESSAGE = "message"

    @property
    def kind(self) -> ActionKind:
        """The action on each match. Raises ValueError for a message."""
        return ActionKind(self.value)


DETAILS: Mapping[Bulk, str] = {
    Bulk.ASSIGN: "assignee",
    Bulk.DECLINE: "reason",
    Bulk.MESSAGE: "text",
}
"""Field that is asked for before the action."""


def bulk_of(text: str) -> Bulk:
    """Return what a form asks for. Raises Invalid."""
    if text not in set(Bulk):
        raise invalid_field("do", "choose an action", "请选择操作")
    return Bulk(text)


def chosen_matches(texts: Sequence[str]) -> list[str]:
    """Return the ids of the chosen matches. Raises Invalid for none, too many, or a wrong id."""
    if not texts:
        raise Invalid("Select at least one match first.", "请先勾选至少一条匹配。")
    if len(texts) > MOST:
        raise Invalid(
            f"Select at most {MOST} matches at a time; {len(texts)} are selected.",
            f"每次最多勾选 {MOST} 条，当前已勾选 {len(texts)} 条。",
        )
    try:
        return [_IDS.validate_python(each) for each in texts]
    except ValidationError as error:
        raise Invalid("Reload the page and select again.", "请刷新页面后重新勾选。") from error


def bulk_actions(
    bulk: Bulk, matches: Sequence[str], detail: str, who: Principal, now: datetime
) -> list[BatchedAction]:
    """Return the action on each match. Raises Invalid for a missing or wrong detail.

    Only a chief assigns to colleagues; a clerk assigns to no one but themselves.
    """
    wire = {DETAILS[bulk]: detail} if bulk in DETAILS and detail else {}
    details = checked(Act, wire)
    check_details(bulk.kind, details, now)
    if bulk is Bulk.ASSIGN and not is_chief(who) and details.assignee != who.id:
        raise invalid_field(
            "assignee",
            "is a chief's choice; assign to yourself, or return them to the queue",
            "须由站长选择；您只能转给自己，或退回队列",
        )
    return [BatchedAction(match_id=id, kind=bulk.kind, details=details) for id in matches]


def people_of(matches: Sequence[str]) -> list[str]:
    """Return the workers of matches, each once."""
    return list(dict.fromkeys(split_match_id(id)[1] for id in matches))
