"""Mapping of a file from a field chosen for each column. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.mapping_model import Rule
from producers.mappings.suggesting.importable_fields import IMPORTABLE, ImportableField
from producers.values import DayOrder
from roost.errors import FieldError, Invalid
from roost.events.common import WageUnit
from roost.events.import_mapping import ChosenColumn


def missing_choices(
    chosen: Sequence[ChosenColumn], kind: str, fixed: Mapping[str, Any]
) -> list[str]:
    """Return the required fields that no column is read into; `fixed` fields have a value."""
    names = {each.field for each in chosen}
    return [
        name
        for name, field in IMPORTABLE[kind].items()
        if field.is_required and name not in names and field.target not in fixed
    ]


def chosen_mapping(
    chosen: Sequence[ChosenColumn],
    kind: str,
    source: str,
    *,
    fixed: Mapping[str, Any] | None = None,
    is_json: bool = False,
) -> MappingFile:
    """Return the mapping of the choices; `fixed` are values of fields of the API.

    Raises Invalid if two columns are read into one field, and for a name that no rule can state.
    """
    by_field: dict[str, list[ChosenColumn]] = defaultdict(list)
    for each in chosen:
        if each.field:
            by_field[each.field].append(each)
    _check(by_field, kind)
    rules: dict[str, Rule] = {}
    parts: dict[str, dict[str, ChosenColumn]] = defaultdict(dict)
    for name, columns in by_field.items():
        field = IMPORTABLE[kind][name]
        if field.kind in ("wage", "employer"):
            parts[field.target][field.part] = columns[0]
        else:
            rules[field.target] = _plain_rule(field, columns)
    for target, columns_by_part in parts.items():
        rules[target] = _compound_rule(target, columns_by_part)
    for target, value in (fixed or {}).items():
        rules[target] = Rule(value=value)
    return MappingFile.model_validate(
        {
            "source": source,
            "kind": kind,
            "reads": "json" if is_json else "tables",
            "ignore": tuple(each.column for each in chosen if not each.field),
            "fields": rules,
        }
    )


def _check(by_field: Mapping[str, Sequence[ChosenColumn]], kind: str) -> None:
    faults = []
    for name, columns in by_field.items():
        if len(columns) > 1 and not IMPORTABLE[kind][name].is_joined:
            first = columns[0].column
            faults += [
                FieldError(
                    each.column,
                    f"is read into the same field as {first!r}; choose another field, or none",
                    f"与“{first}”对应同一字段，请改选其他字段或不导入",
                )
                for each in columns[1:]
            ]
        faults += [
            FieldError(
                each.column,
                "has the mark | in its name, which a mapping cannot state; rename the column",
                "列名含有“|”，请在文件中改名",
            )
            for each in columns
            if "|" in each.column
        ]
    if faults:
        raise Invalid(
            f"{faults[0].field}: {faults[0].message}",
            f"{faults[0].field}：{faults[0].message_zh}",
            fields=tuple(faults),
        )


def _plain_rule(field: ImportableField, columns: Sequence[ChosenColumn]) -> Rule:
    return Rule(
        columns=tuple(each.column for each in columns),
        kind=field.kind,
        order=DayOrder(columns[0].order) if columns[0].order else None,
    )


def _compound_rule(target: str, columns: Mapping[str, ChosenColumn]) -> Rule:
    """Return the rule of a field whose parts are in separate columns."""

    def name_of(part: str) -> str | None:
        return columns[part].column if part in columns else None

    if "code" in columns or target == "hiringOrganization":
        names = tuple(filter(None, [name_of("whole")]))
        return Rule(columns=names, kind="employer", code=name_of("code"))
    ends = [name_of("whole") or name_of("min") or "", name_of("max") or ""]
    return Rule(
        columns=tuple(each for each in ends if each),
        kind="wage",
        unit=name_of("unit"),
        empty_unit=WageUnit.MONTH,
        currency="CNY",
    )
