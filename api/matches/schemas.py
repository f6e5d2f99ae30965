"""What somebody says they do about a match."""

from __future__ import annotations

from datetime import datetime, timedelta

from roost.errors import Invalid, invalid_field
from roost.events.match import ActionKind, Actor, Details

OF_KIND: dict[ActionKind, frozenset[str]] = {
    ActionKind.ASSIGN: frozenset({"assignee"}),
    ActionKind.CONTACT: frozenset({"contact", "call_again_at"}),
    ActionKind.INTERVIEW: frozenset({"interview_at", "interview_by"}),
    ActionKind.DECLINE: frozenset({"reason"}),
}
"""What may be said of an action of each kind."""
NEEDED = {
    ActionKind.ASSIGN: ("assignee", "name who is to have it", "请指定接手的工作人员"),
    ActionKind.DECLINE: ("reason", "say why it is declined", "请说明谢绝原因"),
}
TIMES = frozenset({"call_again_at", "interview_at"})
LATE, FAR = timedelta(hours=1), timedelta(days=366)
"""How far a time may lie back (it was just now when it was typed), and ahead."""


class Act(Details):
    """The details of the action; whoever asks is who acts.

    Only a machine's key names the `actor` that it acts for.
    """

    actor: Actor | None = None

    def details(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in Details.model_fields}


def check_said(kind: ActionKind, body: Act, now: datetime) -> None:
    """Raises Invalid for what is missing, belongs to another kind, or lies in no near future."""
    if kind in NEEDED:
        field, english, chinese = NEEDED[kind]
        if getattr(body, field) is None:
            raise invalid_field(field, english, chinese)
    said = {name for name, value in body.details().items() if value is not None}
    for name in sorted(said - OF_KIND.get(kind, frozenset())):
        raise _of_another_kind(name, kind)
    for name in TIMES & said:
        at = getattr(body, name)
        if not now - LATE <= at <= now + FAR:
            raise invalid_field(
                _alias(name), "must lie ahead, within a year", "应为一年之内的将来时间"
            )


def _of_another_kind(name: str, kind: ActionKind) -> Invalid:
    return invalid_field(
        _alias(name), f"does not belong to {kind}; leave it out", "不属于此操作，请删除"
    )


def _alias(name: str) -> str:
    return Details.model_fields[name].alias or name
