"""Accepted changes of an entity from the audit log, for everybody who may read the entity.

The log itself is for auditors. A timeline shows of it who changed the entity, when and how: no
reads, no other entities, no networks, and no changes that were refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.access import belonging
from api.access.principal import Principal
from api.audit.schemas import requests_only
from api.employers import service as employers
from api.lists.paging import bool_of
from api.openings.schemas import Verb
from api.ports.services import Services
from roost.events.account import AccountRole, Permission
from roost.events.audit import AuditEntry
from roost.topics import OPENINGS
from roost.views.elastic import Json

VIEW = "audit"
MOST_OPENINGS = 200
"""Most openings of an employer whose changes are read."""
NAMED = frozenset({AccountRole.CLERK, AccountRole.CHIEF})
"""Roles of actors whom colleagues see by name; others are shown by their role."""
READS_NAMES = frozenset({"clerk", "chief", "association", "admin"})
"""Roles that see the names of the stations' staff."""


class ChangeKind(StrEnum):
    """Kind of a change."""

    POSTED = "posted"
    EDITED = "edited"
    PAUSED = "paused"
    REOPENED = "reopened"
    CLOSED = "closed"
    FILLED = "filled"
    APPROVED = "approved"
    CONTACT_SET = "contact_set"
    CONTACT_REMOVED = "contact_removed"
    ADDRESS_CONFIRMED = "address_confirmed"
    MESSAGES_STOPPED = "messages_stopped"
    MESSAGES_RESUMED = "messages_resumed"
    SETTINGS_CHANGED = "settings_changed"
    CONSENT_GIVEN = "consent_given"


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted change; `by` is the actor's name if the reader may see it, else empty."""

    entity: str
    kind: ChangeKind
    at: datetime
    role: AccountRole | None = None
    by: str = ""


BY_VERB = {
    Verb.PAUSE: ChangeKind.PAUSED,
    Verb.REOPEN: ChangeKind.REOPENED,
    Verb.CLOSE: ChangeKind.CLOSED,
    Verb.FILL: ChangeKind.FILLED,
}
BY_STEP = {
    "approve": ChangeKind.APPROVED,
    "consent": ChangeKind.CONSENT_GIVEN,
    "confirm": ChangeKind.ADDRESS_CONFIRMED,
    "remove": ChangeKind.CONTACT_REMOVED,
    "stop": ChangeKind.MESSAGES_STOPPED,
    "resume": ChangeKind.MESSAGES_RESUMED,
    "preferences": ChangeKind.SETTINGS_CHANGED,
    "snooze": ChangeKind.SETTINGS_CHANGED,
    "contact": ChangeKind.CONTACT_SET,
    "edit": ChangeKind.EDITED,
    "{id}": ChangeKind.EDITED,
    "new": ChangeKind.POSTED,
    "openings": ChangeKind.POSTED,
    "profiles": ChangeKind.POSTED,
}
"""Kind of a change by the last step of its route; routes with another one are left out."""
BY_DELETION = {
    "stop": ChangeKind.MESSAGES_RESUMED,
    "preferences": ChangeKind.SETTINGS_CHANGED,
    "contact": ChangeKind.CONTACT_REMOVED,
}
FOUND, SEE_OTHER, REFUSED = 200, 303, 400
OF_OTHER_THINGS = frozenset(
    {"conversation", "inbox", "matches", "notes", "webhooks", "notifications", "saved-searches"}
)
"""Steps of routes below an entity that change something else, which has its own events."""


async def changes_of_worker(
    given: Services, who: Principal, id: str, *, limit: int
) -> Sequence[Change]:
    """Return the changes of a worker's profile and settings, newest first. Raises NotFound.

    The person's own edits are left out: the profile names their fields.
    """
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    found = await _changes_of(given, who, [id], limit)
    own = (ChangeKind.EDITED, AccountRole.WORKER)
    return [each for each in found if (each.kind, each.role) != own]


async def changes_of_opening(
    given: Services, who: Principal, id: str, *, limit: int
) -> Sequence[Change]:
    """Return the changes of an opening, newest first. Raises NotFound."""
    await belonging.opening(given, who, Permission.OPENINGS_READ, id)
    return await _changes_of(given, who, [id], limit)


async def changes_of_employer(
    given: Services, who: Principal, id: str, *, limit: int
) -> Sequence[Change]:
    """Return the changes of an employer's contacts and of its openings within reach, newest first.

    Raises NotFound.
    """
    await employers.check_readable(given, who, id)
    within = await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ)
    body: Json = {
        "size": MOST_OPENINGS,
        "_source": ["id"],
        "sort": [{"created_at": "desc"}],
        "track_total_hits": False,
        "query": bool_of([{"term": {"employer_id": id}}, *within]),
    }
    hits = (await given.elastic.search(OPENINGS.name, body)).hits
    return await _changes_of(given, who, [id, *(hit.id for hit in hits)], limit)


async def _changes_of(
    given: Services, who: Principal, ids: Sequence[str], limit: int
) -> list[Change]:
    body: Json = {
        "size": limit,
        "sort": [{"at": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    {"terms": {"objects": list(ids)}},
                    {"range": {"status": {"gte": FOUND, "lt": REFUSED}}},
                    requests_only(),
                ],
                "must_not": [{"terms": {"method": ["GET", "HEAD", "OPTIONS"]}}],
            }
        },
    }
    entries = [
        AuditEntry.from_stored(hit.source["fact"])
        for hit in (await given.elastic.search(VIEW, body)).hits
    ]
    name_of = given.identities.name_of if who.role in READS_NAMES else _nobody
    found = (change_of(entry, ids, name_of) for entry in entries)
    return [each for each in found if each is not None]


def _nobody(id: str) -> str:
    return ""


def change_of(
    entry: AuditEntry, ids: Collection[str], name_of: Callable[[str], str]
) -> Change | None:
    """Return the change that an entry records of one of the entities; None for another. Pure.

    A page answers a form that changed something with a redirect; otherwise it shows the form again.
    """
    kind = _kind_of(entry)
    entity = next((each.id for each in entry.objects if each.id in ids), None)
    if kind is None or entity is None:
        return None
    by = name_of(entry.who) if entry.who and entry.role in NAMED else ""
    return Change(entity, kind, entry.at, entry.role, by)


def _kind_of(entry: AuditEntry) -> ChangeKind | None:
    parts = entry.route.strip("/").split("/")
    if parts[0] == "console" and entry.status != SEE_OTHER:
        return None
    if OF_OTHER_THINGS & set(parts):
        return None
    if parts[-1] == "{verb}":
        named = {each.id for each in entry.objects}
        return next((kind for verb, kind in BY_VERB.items() if verb.value in named), None)
    return (BY_DELETION if entry.method == "DELETE" else BY_STEP).get(parts[-1])
