"""Content of a row: mapped, validated, and every fault in the terms of the file's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from producers.importing.content_validation import content_validator
from producers.importing.import_kinds import Kind
from producers.located_places import locate_place
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.mappings.row_mapping import MappedRow, add_notes, invalid_columns, map_row
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow
from roost.errors import FieldError, Invalid, RoostError
from roost.events.common import Place
from roost.events.validation_words import field_error

EMPTY = ("is empty; fill it in", "为空，请填写")
ABSENT = ("is missing; the file has no value for it", "缺失，文件中没有该项")
ROW = "(row)"


@dataclass(frozen=True, slots=True)
class RowContent:
    """Valid content of a row, and facts that a person should confirm."""

    content: Any
    doubts: tuple[FieldError, ...] = ()


def settle_nothing(content: dict[str, Any]) -> None:
    """Leave the places of a mapped row as they are."""


def content_of(
    row: ImportRow,
    resolved: ResolvedMapping,
    kind: Kind,
    settle: Callable[[dict[str, Any]], None] = settle_nothing,
) -> RowContent:
    """Return a row's content; `settle` gives ambiguous places of the mapped row their codes.

    Raises Invalid, which names every fault by the file's column.
    """
    if row.fault is not None:
        raise invalid_row(row.fault)
    if resolved.is_json and resolved.mapping.is_direct:
        mapped = MappedRow(dict(row.values))
    else:
        mapped = map_row(row.values, resolved)
    if kind.text:
        add_notes(mapped.content, mapped.notes, kind.text)
    for name in kind.places:
        if isinstance(mapped.content.get(name), str):
            mapped.content[name] = {"name": mapped.content[name]}
    settle(mapped.content)
    content = _validated(mapped, resolved, kind)
    return RowContent(content, tuple(mapped.doubts))


def _validated(mapped: MappedRow, resolved: ResolvedMapping, kind: Kind) -> Any:
    """Return the content as a model; JSON may hold a number where a text belongs: 118 is `118`."""
    try:
        content = content_validator(kind.content)(mapped.content)
    except ValidationError as error:
        if resolved.is_json and _numbers_as_text(mapped.content, error):
            return _validated(mapped, resolved, kind)
        faults = [*mapped.faults, *_faults(error, resolved)]
    else:
        if not mapped.faults:
            return content
        faults = mapped.faults
    faults = [*faults, *_place_faults(mapped.content, resolved, kind)]
    by_column = {each.field: each for each in reversed(faults)}
    raise invalid_columns(list(reversed(by_column.values())))


def _place_faults(
    content: Mapping[str, Any], resolved: ResolvedMapping, kind: Kind
) -> Iterator[FieldError]:
    """Yield the faults of a refused row's places, so that all can be corrected at once."""
    for name in kind.places:
        place = content.get(name)
        if not isinstance(place, dict):
            continue
        try:
            locate_place(Place.model_validate(place), resolved.column_of(name))
        except ValidationError:
            continue  # already a fault of the content
        except Invalid as error:
            yield from error.fields


def _numbers_as_text(content: dict[str, Any], error: ValidationError) -> bool:
    """Write numbers as texts where texts belong; return whether there was one."""
    changed = False
    for found in error.errors(include_url=False):
        value = found["input"]
        if found["type"] != "string_type" or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            changed |= _replaced(
                content, found["loc"], f"{value:g}" if value % 1 else str(int(value))
            )
    return changed


def _replaced(content: Any, path: tuple[int | str, ...], value: str) -> bool:
    """Replace the value at a path of pydantic; return whether the path exists in the content."""
    for step in path[:-1]:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return False
    if isinstance(content, dict) and path[-1] in content:
        content[path[-1]] = value
        return True
    if isinstance(content, list) and isinstance(path[-1], int):
        content[path[-1]] = value
        return True
    return False


def _faults(error: ValidationError, resolved: ResolvedMapping) -> list[FieldError]:
    """Return pydantic's faults, each once, by the column of the file."""
    faults: dict[tuple[str, str], FieldError] = {}
    for found in error.errors(include_url=False, include_input=False):
        field = ".".join(map(str, found["loc"])) or ROW
        column = resolved.column_of(field)
        fault = field_error(column, found)
        if found["type"] == "missing":
            fault = FieldError(column, *(EMPTY if column != field else ABSENT))
        faults.setdefault((column, fault.message), fault)
    return list(faults.values())


def in_file_terms(error: RoostError, resolved: ResolvedMapping) -> RoostError:
    """Return an error with the file's columns in place of the fields of the wire."""
    if not error.fields:
        return error
    fields = tuple(replace(each, field=resolved.column_of(each.field)) for each in error.fields)
    first = fields[0]
    return type(error)(
        f"{first.field}: {first.message}", f"{first.field}：{first.message_zh}", fields=fields
    )


def invalid_row(fault: Fault) -> Invalid:
    """Return the error for a row that cannot be read."""
    return Invalid(fault.en, fault.zh, fields=(FieldError(ROW, fault.en, fault.zh),))
