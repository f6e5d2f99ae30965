"""Write policy of a profile's fields: one table for the API, the console and imports. Pure.

`docs/access.md` shows the table. A writer who may not set a field keeps its stored value by leaving
the field out or repeating that value; another value is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from roost.events.common import STORED, Model
from roost.events.profile import OwnChange, Profile, ProfileContent
from roost.text.references import same_number


class Writer(StrEnum):
    """Source of a profile's content."""

    WORKER = "worker"
    """The person, with an account or key of the role `worker`."""
    STATION = "station"
    """Staff who register or replace a profile."""
    ROSTER = "roster"
    """A roster's row for a stored worker: an import, or POST with a known `identifier`."""


class May(StrEnum):
    """Right to set a field."""

    YES = "yes"
    ONCE = "once"
    """While it is empty; another value is refused afterwards."""
    FIRST = "first"
    """When the worker is registered; later values are ignored."""
    NO = "no"


Rights = Mapping[Writer, May]


def _rights(worker: May, station: May, roster: May) -> Rights:
    return {Writer.WORKER: worker, Writer.STATION: station, Writer.ROSTER: roster}


OPEN = _rights(May.YES, May.YES, May.YES)
VERIFIED = _rights(May.NO, May.YES, May.YES)
"""Facts that a station verifies: they decide on eligibility or priority."""
CHOSEN = _rights(May.YES, May.YES, May.FIRST)
"""Choices of the worker, which no later roster overrides."""
SERVER = _rights(May.NO, May.NO, May.NO)

NUMBER = "identifier"
FIELDS: Mapping[str, Rights] = {
    "id": SERVER,
    "source": SERVER,
    "createdAt": SERVER,
    "otherNumbers": SERVER,
    "ownChanges": SERVER,
    NUMBER: _rights(May.NO, May.ONCE, May.ONCE),
    "licences": VERIFIED,
    "ofWorkingAge": VERIFIED,
    "registeredHousehold.registered": VERIFIED,
    "registeredHousehold.consent": CHOSEN,
    "status": CHOSEN,
    "preferences": CHOSEN,
    "shownToEmployers": CHOSEN,
    "name": OPEN,
    "summary": OPEN,
    "skills": OPEN,
    "occupationsWanted": OPEN,
    "experienceYears": OPEN,
    "education": OPEN,
    "wageWanted": OPEN,
    "home": OPEN,
    "location": OPEN,
    "willing": OPEN,
    "availableFrom": OPEN,
    "shifts": OPEN,
    "needsLodging": OPEN,
    "languages": OPEN,
    "channels": OPEN,
}
"""Rights by field on the wire. The model of requests has no field of `SERVER`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The content to write, and the fields that the writer may not set to the values given."""

    content: ProfileContent
    refused: tuple[str, ...] = ()


def decide_fields(writer: Writer, content: ProfileContent, stored: Profile | None) -> Decision:
    """Return the content with the stored values of the fields that the writer does not set.

    A roster also keeps every stored field that it leaves out, and those that the person changed
    last. Without a stored profile, the defaults count as stored.
    """
    given, before = content.to_dict(), (stored or _blank(content)).to_dict()
    refused = []
    own = _owned_by_worker(stored) if writer is Writer.ROSTER else frozenset()
    for field, rights in FIELDS.items():
        if rights is SERVER:
            continue  # requests cannot state it
        old, new = _value(before, field), _value(given, field)
        if old == new:
            continue
        if field == NUMBER and same_number(old, new):
            _set(given, field, old)  # another spelling of the stored number changes nothing
            continue
        stated = _is_stated(content, field)
        if field in own:
            _set(given, field, old)
            continue
        if _is_kept(writer, rights[writer], old, stored, stated=stated):
            _set(given, field, old)
            if stated and rights[writer] is not May.FIRST:
                refused.append(field)
    return Decision(ProfileContent.model_validate(given, context=STORED), tuple(refused))


def _owned_by_worker(stored: Profile | None) -> frozenset[str]:
    return frozenset(each.field for each in stored.own_changes) if stored is not None else _NONE


def own_changes(
    writer: Writer, stored: Profile | None, content: Model, at: datetime
) -> tuple[OwnChange, ...]:
    """Return the fields that the person changed last, after a write of the content.

    A change by the person marks a field, and one by staff unmarks it: the newer statement counts.
    A roster changes no mark.
    """
    before = stored.own_changes if stored is not None else ()
    if writer is Writer.ROSTER or (writer is Writer.STATION and not before):
        return before
    old, new = (stored.to_dict() if stored is not None else {}), content.to_dict()
    changed = [
        field
        for field, rights in FIELDS.items()
        if rights is OPEN and _value(old, field) != _value(new, field)
    ]
    kept = tuple(each for each in before if each.field not in changed)
    if writer is Writer.STATION:
        return kept
    return (*kept, *(OwnChange(field=field, at=at) for field in changed))


_NONE: frozenset[str] = frozenset()


def _is_kept(writer: Writer, right: May, old: Any, stored: Profile | None, *, stated: bool) -> bool:
    """Return whether the old value of a field stays, although the content has another one."""
    if right is May.NO or (right is May.ONCE and bool(old)):
        return True
    if stored is None:
        return False
    return right is May.FIRST or (writer is Writer.ROSTER and not stated)


def _blank(content: ProfileContent) -> ProfileContent:
    """Return the profile that a writer without any rights would create."""
    return ProfileContent(name=content.name, home=content.home, location=content.location)


def _is_stated(content: ProfileContent, field: str) -> bool:
    """Return whether the request states a field, rather than leaving it to its default."""
    part: Any = content
    for name in field.split("."):
        if not isinstance(part, Model):
            return True  # the object around it is stated as null
        python_name = _python_name(type(part), name)
        if python_name not in part.model_fields_set:
            return False
        part = getattr(part, python_name)
    return True


def _python_name(model: type[Model], wire_name: str) -> str:
    return next(
        name for name, info in model.model_fields.items() if (info.alias or name) == wire_name
    )


def _value(wire: Mapping[str, Any], field: str) -> Any:
    """Return a field's value; a household without registration counts as not registered."""
    name, _, inner = field.partition(".")
    value = wire.get(name)
    if not inner:
        return value
    return (value or {}).get(inner, False)


def _set(wire: dict[str, Any], field: str, value: Any) -> None:
    name, _, inner = field.partition(".")
    if inner:
        household = {"registered": False, "consent": False} | (wire.get(name) or {})
        wire[name] = household | {inner: value}
    elif value is None:
        wire.pop(name, None)
    else:
        wire[name] = value
