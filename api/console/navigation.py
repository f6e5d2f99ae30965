"""Where somebody can go: what their role may see, in the order of the menu; the first is home."""

from __future__ import annotations

from dataclasses import dataclass

from api import policy
from api.identity.principal import Principal
from roost.events.account import AccountRole as R
from roost.events.account import Permission as P


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is a key below `shell.nav`."""

    name: str
    href: str
    permission: P
    roles: frozenset[R] = frozenset(R)
    """For whom it is made: others may have the permission and another page."""


STAFF = frozenset({R.CLERK, R.CHIEF, R.ASSOCIATION, R.ADMIN})
ITEMS: tuple[Item, ...] = (Item("queue", "/console/queue", P.MATCHES_ASSIGN, STAFF),)
NOWHERE = "/console/nowhere"


def items(who: Principal) -> list[Item]:
    return [each for each in ITEMS if who.role in each.roles and may(who, each.permission)]


def may(who: Principal, permission: P) -> bool:
    """Whether somebody has a permission at all."""
    try:
        policy.reach(who, permission)
    except policy.Forbidden:
        return False
    return True


def home(who: Principal) -> str:
    """The first page of the menu; a page that says so for whoever has none."""
    mine = items(who)
    return mine[0].href if mine else NOWHERE
