"""What is offered about a match, by its state and who has it: pure.

The queue stage alone decides what is taken; this only leaves out what it would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

from roost.events.match import ActionKind as A
from roost.events.match import Match
from roost.events.match import MatchState as S

KEYS: dict[A, str] = {
    A.CLAIM: "c",
    A.CONTACT: "l",
    A.REFER: "r",
    A.INTERVIEW: "i",
    A.PLACE: "p",
    A.DECLINE: "d",
    A.ASSIGN: "a",
    A.UNDO: "u",
}
"""The shortcut of each action that has one."""
ASKED = frozenset({A.CONTACT, A.INTERVIEW, A.DECLINE, A.ASSIGN})
"""What needs an answer first, in a dialog."""
NEXT: dict[S, A] = {
    S.PROPOSED: A.CLAIM,
    S.CLAIMED: A.CONTACT,
    S.CONTACTED: A.REFER,
    S.REFERRED: A.INTERVIEW,
    S.INTERVIEWED: A.PLACE,
}
"""The usual next step: the button."""
OFFERED: dict[S, tuple[A, ...]] = {
    S.PROPOSED: (A.CLAIM, A.CONTACT, A.ACCEPT, A.ASSIGN, A.DECLINE),
    S.CLAIMED: (A.CONTACT, A.REFER, A.ACCEPT, A.ASSIGN, A.DECLINE, A.RELEASE),
    S.CONTACTED: (
        A.CONTACT,
        A.REFER,
        A.INTERVIEW,
        A.PLACE,
        A.ACCEPT,
        A.ASSIGN,
        A.DECLINE,
        A.RELEASE,
    ),
    S.REFERRED: (A.CONTACT, A.INTERVIEW, A.PLACE, A.ACCEPT, A.ASSIGN, A.DECLINE),
    S.INTERVIEWED: (A.CONTACT, A.INTERVIEW, A.PLACE, A.ACCEPT, A.ASSIGN, A.DECLINE),
}
GIVING_AWAY = (A.ASSIGN, A.RELEASE)
"""What a chief may do about what a colleague has."""


@dataclass(frozen=True, slots=True)
class Offers:
    first: A | None
    """The button, if there is a usual next step."""
    menu: tuple[A, ...]

    def __bool__(self) -> bool:
        return bool(self.menu)


def offered(match: Match, who: str, *, chief: bool, may_assign: bool) -> Offers:
    kinds = [kind for kind in OFFERED.get(match.state, ()) if kind is not A.ASSIGN or may_assign]
    if match.accepted_at is not None:
        kinds = [kind for kind in kinds if kind is not A.ACCEPT]
    if match.assigned_to not in (None, who):
        kinds = [kind for kind in kinds if chief and kind in GIVING_AWAY]
    if _undoable_by(match, who):
        kinds.append(A.UNDO)
    first = NEXT.get(match.state)
    return Offers(first if first in kinds else None, tuple(kinds))


def _undoable_by(match: Match, who: str) -> bool:
    if match.undoable is None:
        return False
    last = match.undoable.action_id
    return any(each.action_id == last and each.actor.id == who for each in match.history)
