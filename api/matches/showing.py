"""A match as each may see it: pure.

Staff see all of it, with the names of colleagues; a worker nothing of what staff do among
themselves; an employer what `roost.rules.visibility` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from api.access.principal import Principal
from api.lists.documents import fact_with_version
from roost.events.account import AccountRole
from roost.rules.visibility import shown_to_employer
from roost.time.urgency import urgency
from roost.views.elastic import Json

Name = Callable[[str], str]
STAFF_ONLY = ("history", "undoable", "callAgainAt", "actBy", "assignedTo")


def shown_to(who: Principal, document: Json, name: Name, now: datetime) -> dict[str, Any]:
    """The fact and its version, `urgency` as of now, and `names` of the colleagues in it."""
    fact = fact_with_version(document)
    if who.role is AccountRole.EMPLOYER:
        return shown_to_employer(fact, None)
    if who.role is AccountRole.WORKER:
        return {key: value for key, value in fact.items() if key not in STAFF_ONLY}
    due = fact.get("actBy")
    level = urgency(datetime.fromisoformat(due), now) if due else None
    return fact | {
        "urgency": level.value if level else None,
        "names": {id: name(id) for id in dict.fromkeys(people(fact))},
    }


def people(fact: dict[str, Any]) -> Iterator[str]:
    """The ids of the staff that a match names."""
    if holder := fact.get("assignedTo"):
        yield holder
    for entry in fact.get("history", ()):
        if entry["actor"]["role"] in {"clerk", "chief"}:
            yield entry["actor"]["id"]
        yield from (entry[key] for key in ("assignee", "holder") if entry.get(key))
