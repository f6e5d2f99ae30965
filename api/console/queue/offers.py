"""Actions that a page offers on a match: those that the queue stage would accept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roost.events.match import ActionKind as A
from roost.events.match import Actor, Match
from roost.events.match import MatchState as S
from roost.rules.allowed_actions import actions_allowed

SHORTCUTS: dict[A, str] = {
    A.CLAIM: "c",
    A.CONTACT: "l",
    A.REFER: "r",
    A.INTERVIEW: "i",
    A.PLACE: "p",
    A.DECLINE: "d",
    A.ASSIGN: "a",
    A.UNDO: "u",
}
"""Keyboard shortcut of each action that has one."""
NEEDS_DETAILS = frozenset({A.CONTACT, A.INTERVIEW, A.DECLINE, A.ASSIGN})
"""Actions that open a dialog for their details."""
NEXT: dict[S, A] = {
    S.PROPOSED: A.CLAIM,
    S.CLAIMED: A.CONTACT,
    S.CONTACTED: A.REFER,
    S.REFERRED: A.INTERVIEW,
    S.INTERVIEWED: A.PLACE,
}
"""Usual next action by state, shown as a button."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Actions offered on one match."""

    first: A | None
    """Usual next action, if it is offered."""
    menu: tuple[A, ...]
    """All offered actions."""

    def __bool__(self) -> bool:
        return bool(self.menu)


NO_OFFERS = Offers(None, ())


def offers_for(match: Match, actor: Actor, at: datetime, *, may_assign: bool) -> Offers:
    """Return the actions to offer; assignments only to accounts with the permission."""
    menu = tuple(
        kind for kind in actions_allowed(match, actor, at) if kind is not A.ASSIGN or may_assign
    )
    first = NEXT.get(match.state)
    return Offers(first if first in menu else None, menu)
