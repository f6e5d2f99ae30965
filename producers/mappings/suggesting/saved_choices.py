"""Mapping of a file from the choices that somebody has saved under a name. Pure."""

from __future__ import annotations

from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.suggesting.chosen_mapping import chosen_mapping, missing_choices
from roost.errors import invalid_field
from roost.events.import_mapping import SavedMapping


def mapping_of_choices(saved: SavedMapping, source: str, field: str = "mapping") -> MappingFile:
    """Return the mapping that saved choices make; `source` is part of every id.

    Raises Invalid, which names `field`, if a required field has no column: an employer's own files
    need none for the employer.
    """
    missing = missing_choices(saved.columns, saved.kind, {})
    if missing:
        names = ", ".join(missing)
        raise invalid_field(
            field,
            f"{saved.name!r} reads no column into {names}; save one in the console that does",
            f"“{saved.name}”缺少以下项目对应的列：{names}；请在控制台另行保存",
        )
    return chosen_mapping(saved.columns, saved.kind, source)
