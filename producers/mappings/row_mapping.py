"""Mapping of a row to the fields of the API; every fault is named by the file's column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from producers.mappings.cell_values import clean_text, repair_text
from producers.mappings.employer_ids import employer_id
from producers.mappings.resolved_mapping import Names, ResolvedMapping, ResolvedRule
from producers.mappings.rule_kinds import read_reference, read_value
from producers.mappings.wage_rules import read_wage, wage_amount
from producers.values import NotUnderstood, parse_phones, split_list
from producers.values.cell_text import folded_value
from roost.errors import FieldError, Invalid, invalid_field
from roost.places.open_places import ANYWHERE
from roost.places.place_folding import fold_place

DEEPEST = 4
"""Most dots of a column's name that nest a field."""
MOST_FAULTS = 20
"""Most faults that are named of one row."""
_LISTS = frozenset({"list", "places", "lines", "shift", "phone"})
"""Kinds that read each entry of a JSON list."""
_AMOUNTS = re.compile(r"(?:^|\.)(?:minValue|maxValue)$")


@dataclass(slots=True)
class MappedRow:
    """Content of a row in the fields of the API, and facts that a person should confirm."""

    content: dict[str, Any] = field(default_factory=dict)
    doubts: list[FieldError] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)
    """Columns that cannot be read; the content lacks their fields."""
    notes: list[str] = field(default_factory=list)
    """Words of cells that belong into the description."""


def map_row(values: Mapping[str, Any], resolved: ResolvedMapping) -> MappedRow:
    """Map a row; each column that cannot be read is a fault. Raises Invalid for nested columns."""
    row = MappedRow()
    values = _without_strays(values, resolved, row)
    cells = _Cells(values, resolved)
    for rule in resolved.rules:
        try:
            _read_rule(rule, cells, row)
        except _ColumnFault as error:
            row.faults.append(error.fault)
    _drop_empty_wages(row.content)
    return row


def add_notes(content: dict[str, Any], notes: list[str], name: str) -> None:
    """Append words to a text of the content, such as its description."""
    if notes:
        content[name] = "\n".join(filter(None, [content.get(name, ""), *notes]))


def identifier_of(values: Mapping[str, Any], resolved: ResolvedMapping) -> str | None:
    """Return the reference of a row as written, whatever else is wrong with the row."""
    rule = next((each for each in resolved.rules if each.field == "identifier"), None)
    if rule is None or not rule.columns:
        value = values.get("identifier") if resolved.mapping.is_direct else None
        return str(value) if isinstance(value, str | int) else None
    cells = _Cells(values, resolved)
    try:
        return cells.text(rule.columns[0])[1] or None
    except _ColumnFault:
        return None


def invalid_columns(faults: list[FieldError]) -> Invalid:
    """Return the error for some columns of a row."""
    first, others = faults[0], len(faults) - 1
    return Invalid(
        f"{first.field}: {first.message}" + (f" (and {others} more)" if others else ""),
        f"{first.field}：{first.message_zh}" + (f"（另有 {others} 处）" if others else ""),
        fields=tuple(faults[:MOST_FAULTS]),
    )


class _ColumnFault(Exception):
    """Fault of one rule's column."""

    def __init__(self, column: str, error: NotUnderstood) -> None:
        super().__init__(column)
        self.fault = FieldError(column, error.message, error.message_zh)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Texts of one row by column."""

    values: Mapping[str, Any]
    resolved: ResolvedMapping

    def raw(self, names: Names) -> tuple[str, Any]:
        """Return the first column with a value, and the value; the first column if none has."""
        for name in names:
            value = self.resolved.value_of(self.values, name)
            if value is not None and value != "":
                return name, value
        return (names[0] if names else ""), None

    def text(self, names: Names) -> tuple[str, str]:
        """Return the first column with a text, and the text. Raises _ColumnFault."""
        for name in names:
            value = self.resolved.value_of(self.values, name)
            if value is None or value == "":
                continue
            try:
                text = clean_text(value)
            except NotUnderstood as error:
                raise _ColumnFault(name, error) from None
            if text:
                return name, text
        return (names[0] if names else ""), ""


def _read_rule(rule: ResolvedRule, cells: _Cells, row: MappedRow) -> None:
    """Read one rule's field into the row. Raises _ColumnFault, and Invalid for nested columns."""
    if rule.rule.value is not None:
        set_field(row.content, rule.field, rule.rule.value)
        return
    value: Any
    match rule.rule.kind:
        case "wage":
            value = _wage(rule, cells, row)
        case "employer":
            value = _employer(rule, cells)
        case "phone":
            value = _channels(rule, cells, row)
        case kind if kind in _LISTS and isinstance(cells.raw(_first(rule))[1], list | tuple):
            value = _entries(rule, cells)
        case "places":
            value = _places(rule, cells)
        case _:
            value = _single(rule, cells)
    if value is not None:
        set_field(row.content, rule.field, value)


def _first(rule: ResolvedRule) -> Names:
    return rule.columns[0] if rule.columns else ()


def _single(rule: ResolvedRule, cells: _Cells) -> Any:
    """Return the value of a rule whose columns are joined into one text."""
    found = [cells.text(names) for names in rule.columns if names]
    filled = [(name, text) for name, text in found if text]
    text = "\n".join(text for _, text in filled)
    column = "、".join(name for name, _ in filled) or (found[0][0] if found else "")
    try:
        if rule.rule.lookup is not None:
            return _looked_up(text, rule)
        if rule.rule.kind == "number" and _AMOUNTS.search(rule.field):
            return wage_amount(text)
        return read_value(text, rule.rule)
    except NotUnderstood as error:
        raise _ColumnFault(column, error) from None


def _looked_up(text: str, rule: ResolvedRule) -> Any:
    """Return what a lookup has for a text, or what its field's kind reads. Raises NotUnderstood."""
    lookup = rule.rule.lookup or {}
    if text in lookup:
        return lookup[text]
    plain = folded_value(text)
    for word, value in lookup.items():
        if folded_value(word) == plain and plain:
            return value
    if rule.rule.otherwise is not None:
        return rule.rule.otherwise
    if not text:
        return None
    kind = _LOOKUP_KINDS.get(rule.field.rpartition(".")[2])
    if kind is not None:
        return read_value(text, rule.rule.model_copy(update={"kind": kind, "lookup": None}))
    known = list(lookup)[:12]
    raise NotUnderstood(
        f"is not one of {', '.join(known)}; correct it, or add it to the mapping",
        f"不在可选值之内（{'、'.join(known)}），请更正或在映射中补充",
    )


_LOOKUP_KINDS = {
    "unitText": "pay-period",
    "education": "education",
    "educationRequirements": "education",
    "employmentType": "employment",
}
"""Kinds of fields whose words are known beyond a mapping's lookup."""


def _entries(rule: ResolvedRule, cells: _Cells) -> Any:
    """Return the entries of a JSON list, each whole. Raises _ColumnFault."""
    name, value = cells.raw(_first(rule))
    try:
        texts = [text for each in value if (text := clean_text(each))]
        if rule.rule.kind == "lines":
            return "\n".join(texts) or None
        if rule.rule.kind == "places":
            texts = [each for each in texts if not _is_anywhere(each)]
        if rule.rule.kind == "shift":
            return [shift for each in texts for shift in read_value(each, rule.rule) or ()] or None
        return list(dict.fromkeys(texts)) or None
    except NotUnderstood as error:
        raise _ColumnFault(name, error) from None


def _places(rule: ResolvedRule, cells: _Cells) -> list[str] | None:
    """Return the places of a list; 全国 and 不限 mean anywhere, as an empty cell does."""
    _, text = cells.text(_first(rule))
    return [each for each in split_list(text) if not _is_anywhere(each)] or None


def _is_anywhere(text: str) -> bool:
    return fold_place(text).replace(" ", "") in ANYWHERE


def _wage(rule: ResolvedRule, cells: _Cells, row: MappedRow) -> dict[str, Any] | None:
    ends = [cells.text(names) for names in rule.columns if names]
    low, high = (*(text for _, text in ends), "", "")[:2]
    unit_column, unit = cells.text(rule.unit)
    currency_column, currency = cells.text(rule.currency)
    column = "、".join(name for name, text in ends if text) or (ends[0][0] if ends else "")
    try:
        wage = read_wage(low, high, unit, currency, rule.rule)
    except NotUnderstood as error:
        at_fault = {"unit": unit_column, "currency": currency_column}.get(
            getattr(error, "part", ""), column
        )
        raise _ColumnFault(at_fault or column, error) from None
    if wage is None:
        return None
    row.notes += filter(None, [wage.note])
    return dict(wage.fields)


def _employer(rule: ResolvedRule, cells: _Cells) -> dict[str, str] | None:
    """Return an employer's id and name: the id is the file's, the credit code's or the name's."""
    _, name = cells.text(_first(rule))
    id_column, id = cells.text(rule.id)
    code_column, code = cells.text(rule.code)
    try:
        if id:
            read_reference(id, rule.rule)
    except NotUnderstood as error:
        raise _ColumnFault(id_column, error) from None
    try:
        derived = id or (employer_id(name, code) if name or code else "")
    except NotUnderstood as error:
        raise _ColumnFault(code_column, error) from None
    found = {"id": derived, "name": name}
    return {key: value for key, value in found.items() if value} or None


def _channels(rule: ResolvedRule, cells: _Cells, row: MappedRow) -> list[dict[str, str]] | None:
    """Return the channels of a telephone column: the inbox, and SMS to each number that takes it.

    A landline with an extension takes none, which is a doubt and no fault.
    """
    numbers: list[str] = []
    for names in rule.columns:
        name, value = cells.raw(names)
        entries = value if isinstance(value, list | tuple) else [value]
        try:
            found = [each for entry in entries for each in parse_phones(clean_text(entry))]
        except NotUnderstood as error:
            raise _ColumnFault(name, error) from None
        numbers += [each.number for each in found if each.textable]
        if any(not each.textable for each in found):
            row.doubts.append(FieldError(name, *_NO_MESSAGES))
    if not numbers:
        return None
    return [
        {"kind": "inbox"},
        *({"kind": "sms", "address": each} for each in dict.fromkeys(numbers)),
    ]


_NO_MESSAGES = (
    "holds a number that takes no text messages; the worker keeps the inbox alone",
    "该号码不能接收短信，该人员仅通过站内收件箱接收消息",
)


def _without_strays(
    values: Mapping[str, Any], resolved: ResolvedMapping, row: MappedRow
) -> Mapping[str, Any]:
    """Return the values without those in the wrong column, which become words of the text."""
    strays = {
        column: repair_text(str(value)).strip()
        for column, pattern in resolved.shifted
        if (value := values.get(column)) and not re.search(pattern, str(value))
    }
    if not strays:
        return values
    row.notes += strays.values()
    return {name: "" if name in strays else value for name, value in values.items()}


def _drop_empty_wages(content: dict[str, Any]) -> None:
    """Remove wages without an amount: a currency or a unit alone states none."""
    for name in ("baseSalary", "wageWanted"):
        wage = content.get(name)
        if isinstance(wage, dict) and not {"minValue", "maxValue"} & set(wage):
            del content[name]


def set_field(content: dict[str, Any], name: str, value: Any) -> None:
    """Set a nested field. Raises Invalid if another column holds a plain value in its place."""
    *outer, last = name.split(".", DEEPEST)
    for step in outer:
        content = content.setdefault(step, {})
        if not isinstance(content, dict):
            raise invalid_field(
                name[:100],
                f"cannot be within {step!r}, which another column sets",
                f"与另一列“{step}”冲突",
            )
    if isinstance(value, dict) and isinstance(content.get(last), dict):
        content[last] |= value
    else:
        content[last] = value
