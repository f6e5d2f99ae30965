"""Mappings of sources: shipped ones, files in the folder of sources, and saved choices of columns.

A source names a saved mapping by its id. A change of the mapping changes the source's definition,
so that the next run reads the source from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping, shipped_mappings
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.suggesting.saved_choices import mapping_of_choices
from roost.errors import invalid_field
from roost.events.import_mapping import SavedMapping
from roost.events.opening import OpeningContent
from roost.events.source import Source

KIND = "openings"


def mapping_of(source: Source, root: Path, saved: SavedMapping | None = None) -> MappingFile:
    """Return a source's mapping: shipped, `mappings/NAME.yaml` in the folder `root`, or `saved`.

    Without a name, columns are named like the fields of the API. Raises Invalid.
    """
    if source.mapping is None:
        return direct_mapping(OpeningContent, source.id)
    if saved is not None:
        return mapping_of_choices(saved, source.id)
    own = root / "mappings" / f"{source.mapping}.yaml"
    if source.mapping not in shipped_mappings(KIND) and own.is_file():
        return load_mapping(str(own))
    return load_mapping(source.mapping)


def referenced_mapping(name: str, saved: Iterable[SavedMapping]) -> str:
    """Return the id of the saved mapping that a name or an id refers to, else the name.

    Raises Invalid if several of them have the name, or if it cannot read a source of openings.
    """
    if name in shipped_mappings(KIND):
        return name
    found = [each for each in saved if each.kind == KIND and name in (each.id, each.name)]
    if len(found) > 1:
        ids = ", ".join(sorted(each.id for each in found))
        raise invalid_field(
            "mapping",
            f"is the name of several saved mappings; give the id of one: {ids}",
            f"有多个同名的已保存映射，请填写其编号：{ids}",
        )
    if not found:
        return name
    mapping_of_choices(found[0], "check")
    return found[0].id
