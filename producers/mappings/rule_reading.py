"""Reading of one rule's field from the cells of a row, by the kind of the rule."""

from __future__ import annotations

import operator
import re
from typing import Any

from producers.mappings.cell_values import clean_text
from producers.mappings.employer_ids import employer_id
from producers.mappings.resolved_mapping import Names, ResolvedRule
from producers.mappings.row_cells import ColumnFault, MappedRow, RowCells, set_field
from producers.mappings.rule_kinds import (
    is_anywhere,
    names_no_place,
    read_places,
    read_reference,
    read_value,
)
from producers.mappings.wage_rules import read_wage, wage_amount
from producers.values import (
    IdentityKind,
    NotUnderstood,
    identity_kind,
    parse_person_number,
    parse_phones,
)
from producers.values.cell_text import folded_value
from roost import ids
from roost.errors import FieldError
from roost.text.references import common_number

_LISTS = frozenset({"list", "places", "lines", "shift", "phone"})
"""Kinds that read each entry of a JSON list."""
_AMOUNTS = re.compile(r"(?:^|\.)(?:minValue|maxValue)$")


def read_rule(rule: ResolvedRule, cells: RowCells, row: MappedRow) -> None:
    """Read one rule's field into the row. Raises ColumnFault, and Invalid for nested columns."""
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
        case "person-number" if rule.identity:
            value = _single(rule, cells) or _identity(rule, cells)
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


def _single(rule: ResolvedRule, cells: RowCells) -> Any:
    """Return the value of a rule whose columns are joined into one text."""
    states_none = names_no_place if rule.rule.kind == "place" else operator.not_
    found = [cells.text(names, states_none) for names in rule.columns if names]
    filled = [(name, text) for name, text in found if text]
    texts = [text for _, text in filled]
    text = _address(texts) if rule.rule.kind == "place" else "\n".join(texts)
    column = "、".join(name for name, _ in filled) or (found[0][0] if found else "")
    try:
        if rule.rule.lookup is not None:
            return _looked_up(text, rule)
        if rule.rule.kind == "number" and _AMOUNTS.search(rule.field):
            return wage_amount(text)
        return read_value(text, rule.rule)
    except NotUnderstood as error:
        raise ColumnFault(column, error) from None


def _address(parts: list[str]) -> str:
    """Return an address from its parts, the outermost one first; in Latin letters it comes last."""
    distinct = list(dict.fromkeys(parts))
    if all(each.isascii() for each in distinct):
        return ", ".join(reversed(distinct))
    return " ".join(distinct)


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


def _entries(rule: ResolvedRule, cells: RowCells) -> Any:
    """Return the entries of a JSON list, each whole. Raises ColumnFault."""
    name, value = cells.raw(_first(rule))
    try:
        texts = [text for each in value if (text := clean_text(each))]
        if rule.rule.kind == "lines":
            return "\n".join(texts) or None
        if rule.rule.kind == "places":
            texts = [each for each in texts if not is_anywhere(each)]
        if rule.rule.kind == "shift":
            return [shift for each in texts for shift in read_value(each, rule.rule) or ()] or None
        return list(dict.fromkeys(texts)) or None
    except NotUnderstood as error:
        raise ColumnFault(name, error) from None


def _places(rule: ResolvedRule, cells: RowCells) -> list[str] | None:
    _, text = cells.text(_first(rule))
    return read_places(text, rule.rule)


def _wage(rule: ResolvedRule, cells: RowCells, row: MappedRow) -> dict[str, Any] | None:
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
        raise ColumnFault(at_fault or column, error) from None
    if wage is None:
        return None
    row.notes += filter(None, [wage.note])
    return dict(wage.fields)


def _employer(rule: ResolvedRule, cells: RowCells) -> dict[str, str] | None:
    """Return an employer's id and name: the id is the file's, the credit code's or the name's."""
    _, name = cells.text(_first(rule))
    id_column, id = cells.text(rule.id)
    code_column, code = cells.text(rule.code)
    try:
        if id:
            read_reference(id, rule.rule)
    except NotUnderstood as error:
        raise ColumnFault(id_column, error) from None
    try:
        derived = id or (employer_id(name, code) if name or code else "")
    except NotUnderstood as error:
        raise ColumnFault(code_column, error) from None
    found = {"id": derived, "name": name}
    return {key: value for key, value in found.items() if value} or None


def _identity(rule: ResolvedRule, cells: RowCells) -> str | None:
    """Return a keyed hash of a person's identity number, which itself is never stored."""
    column, text = cells.text(rule.identity)
    if not text:
        return None
    try:
        number = parse_person_number(text)
        if identity_kind(number) is not IdentityKind.RESIDENT:
            raise NotUnderstood(
                "is not a valid identity number; correct it, or give the person a number",
                "不是有效的身份证号码，请更正，或为该人员填写编号",
            )
    except NotUnderstood as error:
        raise ColumnFault(column, error) from None
    return identity_reference(number)


def identity_reference(number: str) -> str:
    """Return the reference of a person with an identity number: its keyed hash.

    Raises IdKeyError in a record whose ids are not keyed.
    """
    return ids.derive(ids.PERSONAL, common_number(number))


def _channels(rule: ResolvedRule, cells: RowCells, row: MappedRow) -> list[dict[str, str]] | None:
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
            raise ColumnFault(name, error) from None
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
