"""A mapping resolved against the columns of one table: which of them each rule reads.

A table without the columns of a required field is refused once, with the mappings that would fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from producers.mappings.cell_readers import CellReader, reader_of
from producers.mappings.cell_values import value_at
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.mapping_model import Rule, alternatives
from producers.tables.headings import folded_heading
from producers.tables.table_model import Table

REASONS = {"zh": "未导入原因", "en": "Reason for rejection"}
PLACE = {"zh": "原文件位置", "en": "Place in the file"}
"""Headings of two columns of a workbook of rejected rows, by language; they are never read."""
Names = tuple[str, ...]
"""Columns of which the first with a value counts."""


@dataclass(frozen=True, slots=True)
class ResolvedRule:
    """Rule of one field with the names of its columns in the file."""

    field: str
    rule: Rule
    columns: tuple[Names, ...]
    unit: Names = ()
    currency: Names = ()
    code: Names = ()
    id: Names = ()
    identity: Names = ()
    read: CellReader | None = None
    """Reader of the cells of a rule with one column of a table; None for all other rules."""

    @property
    def is_read(self) -> bool:
        """Whether the file has any column of the rule, or the rule has a fixed value."""
        return self.rule.value is not None or any(self.columns) or bool(self.id or self.identity)

    def shown(self) -> str:
        """Return the columns as a message names them."""
        groups = (*self.columns, self.identity if not any(self.columns) else ())
        return "、".join(dict.fromkeys(name for names in groups for name in names[:1]))


@dataclass(frozen=True, slots=True)
class ResolvedMapping:
    """Mapping with the names of a table's columns; `value_of` reads a column of a row."""

    mapping: MappingFile
    rules: tuple[ResolvedRule, ...]
    shifted: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    """Columns of the table that no rule reads."""
    value_of: Callable[[Mapping[str, Any], str], Any]
    columns_by_field: Mapping[str, str]
    """Columns of the file by the field that each is read into."""
    is_json: bool = False

    def column_of(self, field: str) -> str:
        """Return the column of the file that a field of the wire is read from, else the field."""
        outer = field
        while outer:
            if outer in self.columns_by_field:
                return self.columns_by_field[outer]
            outer = outer.rpartition(".")[0]
        inner = (each for each in self.columns_by_field if each.startswith(f"{field}."))
        return self.columns_by_field.get(next(inner, ""), field)


def resolved_mapping(mapping: MappingFile, table: Table) -> ResolvedMapping:
    """Return the mapping with the names of a table's columns."""
    is_json = table.heading is None
    by_folded = {folded_heading(name): name for name in table.columns}

    def found(column: str) -> Names:
        names = alternatives(column)
        if is_json:
            return tuple(names)
        return tuple(by_folded[each] for each in map(folded_heading, names) if each in by_folded)

    def maybe(column: str | None) -> Names:
        return () if column is None else found(column)

    rules = tuple(
        ResolvedRule(
            field,
            rule,
            tuple(map(found, rule.columns)),
            maybe(rule.unit),
            maybe(rule.currency_column),
            maybe(rule.code),
            maybe(rule.id),
            maybe(rule.identity),
        )
        for field, rule in mapping.fields.items()
    )
    rules = tuple(with_reader(each, is_json=is_json) for each in rules if each.is_read)
    shifted = tuple((name, rule) for each, rule in mapping.shifted.items() for name in found(each))
    return ResolvedMapping(
        mapping,
        rules,
        shifted,
        () if is_json else _unread(table.columns, rules, mapping.ignore),
        value_at if is_json else _cell,
        {each.field: each.shown() for each in rules if each.shown()},
        is_json,
    )


def with_reader(rule: ResolvedRule, *, is_json: bool) -> ResolvedRule:
    """Return the rule with its reader, if it reads a single column and nothing else."""
    is_single = len(rule.columns) == 1 and len(rule.columns[0]) == 1
    if is_json or not is_single or rule.rule.value is not None or rule.rule.lookup is not None:
        return rule
    if rule.field.endswith(("minValue", "maxValue")) or rule.identity:
        return rule
    return replace(rule, read=reader_of(rule.rule))


def _cell(row: Mapping[str, Any], name: str) -> Any:
    return row.get(name)


def _unread(
    columns: Sequence[str], rules: Iterable[ResolvedRule], ignored: Iterable[str]
) -> tuple[str, ...]:
    read = {
        name
        for each in rules
        for names in (*each.columns, each.unit, each.currency, each.code, each.id, each.identity)
        for name in names
    }
    silent = set(map(folded_heading, (*ignored, *REASONS.values(), *PLACE.values())))
    return tuple(
        each for each in columns if each not in read and folded_heading(each) not in silent
    )
