"""Named mappings of columns, saved for an employer or a station and proposed for like files."""

from __future__ import annotations

from collections.abc import Sequence

from api.access.principal import Principal
from api.ports.services import Services
from api.ports.topic_table import put
from producers.mappings.suggesting.column_samples import SampledColumn
from producers.tables.headings import folded_heading
from roost import ids
from roost.events.envelope import record
from roost.events.import_mapping import ChosenColumn, ImportKind, SavedMapping

MOST_OF_GROUP = 200
"""Mappings of an employer or station; beyond it the oldest one that no source uses is replaced."""


def group_of(who: Principal) -> str:
    """Return the group whose people share mappings and imports: an employer, a station, or one."""
    return who.group


def groups_of(who: Principal) -> frozenset[str]:
    """Return all groups that a person belongs to."""
    return frozenset({group_of(who), *(f"station:{each}" for each in who.station_ids)})


def mappings_of(given: Services, who: Principal, kind: ImportKind) -> list[SavedMapping]:
    """Return the mappings that a person may use, newest first."""
    groups = groups_of(who)
    found = [
        each
        for each in given.import_mappings.values()
        if each.owner in groups and each.kind == kind
    ]
    return sorted(found, key=lambda each: each.saved_at, reverse=True)


def fitting_mappings(
    mappings: Sequence[SavedMapping], columns: Sequence[SampledColumn]
) -> list[SavedMapping]:
    """Return the mappings whose imported columns a file has, those of its very shape first."""
    shape = {folded_heading(each.name) for each in columns}
    fitting = [
        each
        for each in mappings
        if {folded_heading(one.column) for one in each.columns if one.field} <= shape
    ]
    return sorted(fitting, key=lambda each: not is_of_shape(each, columns))


def is_of_shape(mapping: SavedMapping, columns: Sequence[SampledColumn]) -> bool:
    """Return whether a file has exactly the columns of a mapping."""
    known = {folded_heading(each.column) for each in mapping.columns}
    return known == {folded_heading(each.name) for each in columns}


async def save_mapping(
    given: Services,
    who: Principal,
    kind: ImportKind,
    name: str,
    columns: Sequence[ChosenColumn],
) -> SavedMapping:
    """Save a mapping under a name; one of the same name is replaced. Raises Transient."""
    group = group_of(who)
    existing = [each for each in mappings_of(given, who, kind) if each.owner == group]
    id = ids.derive("g", group, kind, name)
    if len(existing) >= MOST_OF_GROUP and all(each.id != id for each in existing):
        used = {each.mapping for each in given.sources.values()}
        id = next((each.id for each in reversed(existing) if each.id not in used), id)
    now = given.clock.now()
    saved = SavedMapping(
        id=id,
        owner=group,
        name=name,
        kind=kind,
        columns=tuple(columns),
        saved_at=now,
        saved_by=who.id,
    )
    made = record(saved, id, source="/api", at=now)
    await put(given.publisher, given.import_mappings, made)
    return saved
