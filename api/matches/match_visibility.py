"""The parts of a match that each role may see. Pure.

Staff see everything, with the names of colleagues; once a match has ended, its station no longer
sees residence and priority of the worker in it. A worker does not see the internal work of the
staff. An employer sees what `roost.rules.visibility` allows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from api.access.policy import GRANTS, Reach
from api.access.principal import Principal
from api.lists.documents import fact_with_version
from roost.events.account import AccountRole
from roost.events.match import MatchState
from roost.rules.visibility import shown_to_employer
from roost.time.urgency import urgency
from roost.views.elastic import Json

OF_LIVING = ("livesAt", "home", "priority")
"""Fields of `about` on the worker's life, which an ended match no longer shows to a station."""
OF_LIMITS = ("alike", "firstAlike")
"""Fields of `about` that only the limits of a day use; shown to nobody."""
NameOf = Callable[[str], str]
"""Return the name that colleagues see for an id of the staff."""
STAFF_ONLY = (
    "byHand",
    "changes",
    "history",
    "refusals",
    "undoable",
    "callAgainAt",
    "actBy",
    "soonAt",
    "contactDueAt",
    "waitedS",
    "assignedTo",
    "formerStationId",
)


def visible_match(who: Principal, document: Json, name_of: NameOf, now: datetime) -> dict[str, Any]:
    """Return the visible fields of a match and its version.

    Staff also get `urgency` as of now, and `names` by id of the colleagues it mentions.
    """
    fact = _without(fact_with_version(document), OF_LIMITS)
    if who.role is AccountRole.EMPLOYER:
        return shown_to_employer(fact, None)
    if who.role is AccountRole.WORKER:
        return {key: value for key, value in fact.items() if key not in STAFF_ONLY}
    if GRANTS[who.role][0] is Reach.STATIONS and not MatchState(fact["state"]).active:
        fact = _without(fact, OF_LIVING)
    level = urgency(_moment(fact.get("actBy")), _moment(fact.get("soonAt")), now)
    return fact | {
        "urgency": level.value if level else None,
        "names": {id: name_of(id) for id in dict.fromkeys(staff_in(fact))},
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _without(fact: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Return a match without these fields of `about`."""
    if not fact.get("about"):
        return fact
    return fact | {"about": {k: v for k, v in fact["about"].items() if k not in fields}}


def staff_in(fact: dict[str, Any]) -> Iterator[str]:
    """Yield the ids of the staff that a match mentions; an id may come twice."""
    if holder := fact.get("assignedTo"):
        yield holder
    for entry in (*fact.get("history", ()), *fact.get("refusals", ())):
        if entry["actor"]["role"] in {"clerk", "chief"}:
            yield entry["actor"]["id"]
        yield from (entry[key] for key in ("assignee", "holder") if entry.get(key))
    yield from (each["actor"]["id"] for each in fact.get("changes", ()) if each.get("actor"))
