"""Choices of a draft's columns: their faults, and the mapping that they make. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.access import policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.imports.draft_files import Draft
from api.imports.import_work import SOURCE
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.suggesting.chosen_mapping import (
    check_alternatives,
    chosen_mapping,
    missing_choices,
)
from producers.mappings.suggesting.column_samples import FileSample
from producers.mappings.suggesting.heading_suggestions import asks_order, known_order
from producers.mappings.suggesting.importable_fields import IMPORTABLE, ImportableField
from roost.errors import FieldError, Invalid
from roost.events.account import Permission
from roost.events.import_mapping import ChosenColumn


def choosable_fields(who: Principal, draft: Draft) -> list[ImportableField]:
    """Return the fields that a column of a draft can be read into."""
    fixed = fixed_values(who, draft)
    return [each for each in IMPORTABLE[draft.kind].values() if each.target not in fixed]


def fixed_values(who: Principal, draft: Draft) -> Mapping[str, Any]:
    """Return the fields with the same value in each row: an employer's account posts its own."""
    how_far = policy.reach(who, Permission.OPENINGS_WRITE)
    if draft.kind != "openings" or how_far is not Reach.EMPLOYER or not draft.employer_name:
        return {}
    return {"hiringOrganization": {"id": who.employer_id, "name": draft.employer_name}}


def with_known_orders(
    columns: Sequence[ChosenColumn], kind: str, sample: FileSample
) -> list[ChosenColumn]:
    """Return the choices with the order of days that the values of a column tell."""
    values = {each.name: each.values for each in sample.columns}

    def completed(each: ChosenColumn) -> ChosenColumn:
        field = IMPORTABLE[kind].get(each.field)
        if field is None or field.kind != "day" or each.order is not None:
            return each
        order = known_order(values.get(each.column, ()))
        return each if order is None else each.model_copy(update={"order": order.value})

    return [completed(each) for each in columns]


def mapping_of(who: Principal, draft: Draft) -> MappingFile:
    """Return the mapping of a draft's choices. Raises Invalid."""
    return chosen_mapping(
        draft.columns,
        draft.kind,
        SOURCE,
        fixed=fixed_values(who, draft),
        is_json=draft.reads == "json",
    )


def check_choices(who: Principal, draft: Draft, sample: FileSample) -> None:
    """Raise Invalid for an unknown field, a missing one, and days without their order."""
    fixed = fixed_values(who, draft)
    faults = [
        *_column_faults(draft, sample),
        *map(_missing, missing_choices(draft.columns, draft.kind, fixed)),
    ]
    if not faults:
        sheets = {each.name: each.sheets or ("",) for each in sample.columns}
        check_alternatives(draft.columns, draft.kind, sheets)
    if faults:
        raise Invalid(
            f"{faults[0].field}: {faults[0].message}",
            f"{faults[0].field}：{faults[0].message_zh}",
            fields=tuple(faults),
        )
    mapping_of(who, draft)


def _column_faults(draft: Draft, sample: FileSample) -> Iterator[FieldError]:
    known = IMPORTABLE[draft.kind]
    values = {each.name: each.values for each in sample.columns}
    for each in draft.columns:
        if not each.field:
            continue
        if each.field not in known:
            yield FieldError(
                each.column,
                "has no such field; choose one of the list",
                "没有该字段，请从列表中选择",
            )
            continue
        is_day = known[each.field].kind == "day"
        if is_day and each.order is None and asks_order(values.get(each.column, ())):
            yield FieldError(
                each.column,
                "holds days with two readings; choose whether the day or the month is first",
                "含有两种读法的日期，请选择日在前或月在前",
            )


def _missing(name: str) -> FieldError:
    return FieldError(
        f"(missing).{name}",
        "is required; choose the column that holds it",
        "为必填项，请选择对应的列",
    )
