"""Steps of a first day by role, and those that a person has ticked off. Pure.

The ticks are kept in the browser alone, in a cookie with the names of the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roost.events.account import AccountRole as R

SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Step:
    """A step; `name` is a key of the texts `help.step`, `href` the page to take it on."""

    name: str
    href: str


_AT_A_STATION = (
    Step("password", "/console/account"),
    Step("today", "/console/today"),
    Step("claim", "/console/queue"),
    Step("call", "/console/queue?view=people"),
    Step("find", "/console/search"),
    Step("walk_in", "/console/profiles/new"),
    Step("answer", "/console/conversations"),
)
STEPS: Mapping[R, tuple[Step, ...]] = {
    R.CLERK: _AT_A_STATION,
    R.CHIEF: (
        *_AT_A_STATION,
        Step("workload", "/console/today"),
        Step("overview", "/console/overview"),
    ),
    R.ASSOCIATION: (
        Step("password", "/console/account"),
        Step("stations", "/console/admin/stations"),
        Step("imports", "/console/imports"),
        Step("approve", "/console/employer"),
        Step("overview", "/console/overview"),
        Step("notices", "/console/notices"),
    ),
    R.EMPLOYER: (
        Step("password", "/console/account"),
        Step("post", "/console/employer/openings/new"),
        Step("candidates", "/console/employer"),
        Step("contact", "/console/employer"),
    ),
    R.WORKER: (
        Step("profile", "/console/me/profile"),
        Step("interested", "/console/me"),
        Step("messages", "/console/me/telling"),
        Step("ask", "/console/me/conversation"),
    ),
    R.ADMIN: (
        Step("second_factor", "/console/account"),
        Step("accounts", "/console/admin"),
        Step("stations", "/console/admin/stations"),
        Step("operations", "/console/admin/operations"),
    ),
}


def steps_of(role: R) -> tuple[Step, ...]:
    """Return the steps of a role in their order; none for a role that only looks."""
    return STEPS.get(role, ())


def ticked(cookie: str, role: R) -> frozenset[str]:
    """Return the steps of a role that a cookie names."""
    return frozenset(cookie.split(SEPARATOR)) & {each.name for each in steps_of(role)}


def cookie_with(cookie: str, role: R, step: str, *, done: bool) -> str:
    """Return the cookie after a step was ticked or unticked; unknown steps change nothing."""
    known = [each.name for each in steps_of(role)]
    before = ticked(cookie, role)
    after = before | {step} if done else before - {step}
    return SEPARATOR.join(name for name in known if name in after)
