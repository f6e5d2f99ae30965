"""Menu of the console by role and permission, in its order; the first page is home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.access import policy
from api.access.principal import Principal
from roost.events.account import AccountRole as R
from roost.events.account import Permission as P


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the menu; `name` is a key of the texts `shell.nav`."""

    name: str
    href: str
    permission: P
    roles: frozenset[R] = frozenset(R)
    """Roles that the page is for; others may have the permission but use another page."""


STAFF = frozenset({R.CLERK, R.CHIEF, R.ASSOCIATION, R.ADMIN})
ITEMS: tuple[Item, ...] = (
    Item("today", "/console/today", P.MATCHES_ASSIGN, STAFF),
    Item("queue", "/console/queue", P.MATCHES_ASSIGN, STAFF),
    Item("my_openings", "/console/employer", P.OPENINGS_WRITE, frozenset({R.EMPLOYER})),
    Item("my_work", "/console/me", P.MATCHES_READ, frozenset({R.WORKER})),
    Item("overview", "/console/overview", P.OVERVIEW_READ),
    Item("openings", "/console/employer", P.OPENINGS_WRITE, STAFF | {R.DEPARTMENT}),
    Item("profiles", "/console/profiles", P.PROFILES_READ, STAFF),
    Item("conversations", "/console/conversations", P.INBOX_READ, STAFF),
    Item("imports", "/console/imports", P.OPENINGS_WRITE, STAFF | {R.DEPARTMENT, R.EMPLOYER}),
    Item("notices", "/console/notices", P.NOTICES_READ),
    Item("stations", "/console/admin/stations", P.STATIONS_WRITE, frozenset({R.ASSOCIATION})),
    Item("sources", "/console/sources", P.SOURCES_READ, STAFF | {R.DEPARTMENT}),
    Item("audit", "/console/admin/audit", P.AUDIT_READ, frozenset({R.AUDITOR})),
    Item("admin", "/console/admin", P.ACCOUNTS_READ),
)
NOWHERE = "/console/nowhere"
LAST_QUEUE = "roost_queue"
"""Cookie with the query string of the queue that this browser showed last."""
FIRST_DAY = "roost_first_day"
"""Cookie with the steps of a first day that were ticked off in this browser."""
NEW_FOR = timedelta(days=14)
"""Time after its making in which an account's home page points to the first day."""


def items(who: Principal) -> list[Item]:
    """Return the menu of a caller."""
    return [each for each in ITEMS if who.role in each.roles and policy.may(who, each.permission)]


def topic(menu: Sequence[Item], path: str) -> str:
    """Return the name of the entry that a page belongs to; empty for one outside the menu."""
    within = [each for each in menu if path.startswith(each.href)]
    return max(within, key=lambda each: len(each.href)).name if within else ""


def home(who: Principal) -> str:
    """Return the first page of the menu, or the page that explains an empty menu.

    Raises PasswordToChange or SecondFactorToEnrol for a person who must do that first.
    """
    policy.check_admitted(who)
    menu = items(who)
    return menu[0].href if menu else NOWHERE
