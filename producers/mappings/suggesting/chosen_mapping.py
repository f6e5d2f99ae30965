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

    Columns of one field are alternatives: a sheet has one of them (`check_alternatives`). Raises
    Invalid for a name that no rule can state.
    """
    by_field: dict[str, list[ChosenColumn]] = defaultdict(list)
    for each in chosen:
        if each.field:
            by_field[each.field].append(each)
    _check_names(by_field)
    rules: dict[str, Rule] = {}
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for name, columns in by_field.items():
        field = IMPORTABLE[kind][name]
        if field.kind in ("wage", "employer"):
            parts[field.target][field.part] = _alternatives(columns)
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


def check_alternatives(
    chosen: Sequence[ChosenColumn], kind: str, sheets: Mapping[str, Sequence[str]]
) -> None:
    """Raise Invalid if a sheet has two columns of one field; `sheets` are those of each column."""
    faults = []
    first: dict[tuple[str, str], ChosenColumn] = {}
    for each in chosen:
        if not each.field or each.field not in IMPORTABLE[kind]:
            continue
        if IMPORTABLE[kind][each.field].is_joined:
            continue
        for sheet in sheets.get(each.column, ("",)):
            other = first.setdefault((each.field, sheet), each)
            if other is not each:
                faults.append(
                    FieldError(
                        each.column,
                        f"is read into the same field as {other.column!r}; choose another field, "
                        "or none",
                        f"与“{other.column}”对应同一字段，请改选其他字段或不导入",
                    )
                )
                break
    _raise_any(faults)


def _check_names(by_field: Mapping[str, Sequence[ChosenColumn]]) -> None:
    _raise_any(
        [
            FieldError(
                each.column,
                "has the mark | in its name, which a mapping cannot state; rename the column",
                "列名含有“|”，请在文件中改名",
            )
            for columns in by_field.values()
            for each in columns
            if "|" in each.column
        ]
    )


def _raise_any(faults: Sequence[FieldError]) -> None:
    if faults:
        raise Invalid(
            f"{faults[0].field}: {faults[0].message}",
            f"{faults[0].field}：{faults[0].message_zh}",
            fields=tuple(faults),
        )


def _alternatives(columns: Sequence[ChosenColumn]) -> str:
    return "|".join(each.column for each in columns)


def _plain_rule(field: ImportableField, columns: Sequence[ChosenColumn]) -> Rule:
    order = next((each.order for each in columns if each.order), None)
    joined = tuple(each.column for each in columns)
    return Rule(
        columns=joined if field.is_joined else (_alternatives(columns),),
        kind=field.kind,
        order=DayOrder(order) if order else None,
    )


def _compound_rule(target: str, columns: Mapping[str, str]) -> Rule:
    """Return the rule of a field whose parts are in separate columns."""
    if "code" in columns or target == "hiringOrganization":
        names = tuple(filter(None, [columns.get("whole")]))
        return Rule(columns=names, kind="employer", code=columns.get("code"))
    ends = [columns.get("whole") or columns.get("min") or "", columns.get("max") or ""]
    return Rule(
        columns=tuple(each for each in ends if each),
        kind="wage",
        unit=columns.get("unit"),
        empty_unit=WageUnit.MONTH,
        currency="CNY",
    )
