"""Actions that a page offers on a match: those that the queue stage would accept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from roost.events.match import ActionKind as A
from roost.events.match import Actor, Match
from roost.events.match import MatchState as S
from roost.rules.allowed_actions import actions_allowed, undo_ends

MARGIN = timedelta(seconds=1)
"""An undo is offered until this long before its end, so that a late press still arrives in time."""
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
    undo_ms: int = 0
    """Milliseconds for which the undo among them remains possible."""
    books: bool = False
    """True if an interview slot may be chosen: the page of the match lists them."""

    def __bool__(self) -> bool:
        return bool(self.menu)

    def shortcut(self, kind: str) -> str:
        """Return the key of an action; empty without one."""
        return SHORTCUTS.get(A(kind), "")


NO_OFFERS = Offers(None, ())


def offers_for(match: Match, actor: Actor, at: datetime, *, may_assign: bool) -> Offers:
    """Return the actions to offer; assignments only to accounts with the permission."""
    allowed = actions_allowed(match, actor, at)
    menu = tuple(
        kind for kind in allowed if kind is not A.BOOK and (kind is not A.ASSIGN or may_assign)
    )
    ends, first = undo_ends(match), NEXT.get(match.state)
    left = (ends - MARGIN - at) // timedelta(milliseconds=1) if ends else 0
    if left <= 0:
        menu = tuple(kind for kind in menu if kind is not A.UNDO)
    return Offers(first if first in menu else None, menu, max(left, 0), A.BOOK in allowed)
