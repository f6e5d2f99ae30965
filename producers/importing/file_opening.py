"""Opening of a file for import: its tables with the mapping resolved, or one refusal of the file.

The refusal names the headings that were found, the missing columns, and the mappings that fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from producers.importing.import_kinds import Kind
from producers.mappings.day_order_survey import AskOrder, settled_orders
from producers.mappings.mapping_files import load_mapping, shipped_mappings
from producers.mappings.mapping_model import Mapping
from producers.mappings.resolved_mapping import ResolvedMapping, resolved_mapping
from producers.tables.heading_faults import SHOWN_HEADINGS
from producers.tables.headings import Column, Heading
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow, KnownHeadings, Table, TableFile
from producers.tables.table_reading import open_tables
from roost.errors import Invalid


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Tables of a file with their resolved mappings, and facts on the whole file."""

    file: TableFile
    tables: list[tuple[Table, ResolvedMapping]]
    notices: list[Fault]

    def rows(self) -> Iterator[tuple[ImportRow, ResolvedMapping]]:
        """Yield the rows in the order of the file, each with its table's mapping."""
        for table, resolved in self.tables:
            for row in table.rows:
                yield row, resolved


def open_import(
    path: Path,
    kind: Kind,
    mapping: Mapping,
    *,
    encoding: str | None = None,
    ask_order: AskOrder | None = None,
) -> ImportFile:
    """Open a file with a mapping. Raises Invalid once for a file that the mapping cannot read.

    With `ask_order`, a column of days whose order the file does not tell counts as one. The days
    of all rows are read for that before the first row is.
    """
    opened = open_unsettled(path, kind, mapping, encoding=encoding)

    def reread() -> list[tuple[Table, ResolvedMapping]]:
        return open_unsettled(path, kind, mapping, encoding=encoding).tables

    return replace(opened, tables=settled_orders(opened.tables, ask_order, reread))


def open_unsettled(
    path: Path, kind: Kind, mapping: Mapping, *, encoding: str | None = None
) -> ImportFile:
    """Open a file without reading its days. Raises Invalid for a file that cannot be read."""
    known = KnownHeadings(mapping.columns())
    try:
        file = open_tables(path, known, encoding=encoding)
    except Invalid as error:
        raise _with_hint(error, path, kind, mapping, encoding) from None
    tables = [(table, resolved_mapping(mapping, table)) for table in file.tables]
    usable = []
    missing: list[tuple[Table, list[str]]] = []
    for table, resolved in tables:
        lacking = missing_fields(resolved, kind)
        if lacking and not resolved.is_json:
            missing.append((table, lacking))
        else:
            usable.append((table, resolved))
    if not usable:
        table, lacking = missing[0]
        raise _columns_missing(path, kind, mapping, table, lacking)
    notices = [*file.notices, *(_sheet_left_out(table, mapping, lack) for table, lack in missing)]
    notices += [_unread(table, resolved) for table, resolved in usable if resolved.unread]
    for table, resolved in usable:
        if resolved.is_json:
            _check_first_record(path, kind, mapping, table)
    return ImportFile(file, usable, notices)


def missing_fields(resolved: ResolvedMapping, kind: Kind) -> list[str]:
    """Return the required fields of a kind that no column of the table is read into."""
    read = {each.field for each in resolved.rules if each.columns and any(each.columns)}
    read |= {each.field for each in resolved.rules if each.rule.value is not None or each.identity}

    def is_read(field: str) -> bool:
        outer = field.partition(".")[0]
        return field in read or outer in read

    return [field for field in kind.required if not is_read(field)]


def fitting_mappings(columns: Sequence[str], kind: Kind) -> list[str]:
    """Return the shipped mappings that find all their required columns among some headings."""
    table = Table("", tuple(columns), iter(()))
    found = []
    for name in shipped_mappings(kind.view):
        mapping = load_mapping(name)
        by_name = KnownHeadings(mapping.columns())
        if any(each in by_name for each in columns):
            resolved = _resolved_columns(mapping, table)
            if not missing_fields(resolved, kind):
                found.append((len(resolved.unread), name))
    return [name for _, name in sorted(found)]


def _resolved_columns(mapping: Mapping, table: Table) -> ResolvedMapping:
    columns = tuple(Column(number, name) for number, name in enumerate(table.columns, 1))
    return resolved_mapping(mapping, Table("", table.columns, iter(()), Heading((1,), columns)))


def passed_notices(tables: Iterable[Table]) -> list[Fault]:
    """Return the facts that are known only once all rows are read: rows and columns left out."""
    found = []
    for table in tables:
        where = f"{table.sheet}: " if table.sheet else ""
        where_zh = f"{table.sheet}：" if table.sheet else ""
        counts = {reason: count for reason, count in table.passed.items() if reason != "blank"}
        if counts:
            words = ", ".join(f"{count} {_PASSED[reason][0]}" for reason, count in counts.items())
            zh = "、".join(f"{_PASSED[reason][1]} {count} 行" for reason, count in counts.items())
            found.append(Fault(f"{where}passed over: {words}", f"{where_zh}已跳过：{zh}"))
        if table.unnamed:
            letters = ", ".join(sorted(table.unnamed, key=lambda each: (len(each), each)))
            found.append(
                Fault(
                    f"{where}columns without a heading are not read: {letters}",
                    f"{where_zh}以下列没有表头，未读取：{letters}",
                )
            )
    return found


_PASSED = {
    "total": ("rows of totals", "合计"),
    "note": ("notes and titles", "说明和小标题"),
    "heading": ("repeated headings", "重复表头"),
}


def _check_first_record(path: Path, kind: Kind, mapping: Mapping, table: Table) -> None:
    """Raise Invalid for JSON of another shape, if a shipped mapping reads that shape."""
    first = next(table.rows, None)
    if first is None:
        return
    table.rows = chain([first], table.rows)
    if first.fault is not None or _fits_json(first, mapping, kind):
        return
    fits = [
        name
        for name in shipped_mappings(kind.view)
        if _fits_json(first, load_mapping(name), kind) and load_mapping(name).reads == "json"
    ]
    if fits:
        names = ", ".join(list(first.values)[:SHOWN_HEADINGS])
        raise Invalid(
            f"{path.name}: the first record has the fields {names}, which "
            f"{_shown_mapping(mapping)[0]} does not read; use --mapping {' or '.join(fits)}.",
            f"{path.name}：首条记录的字段为 {names}，{_shown_mapping(mapping)[1]}无法读取；"
            f"请使用映射 {'、'.join(fits)}（--mapping）。",
        )


def _fits_json(row: ImportRow, mapping: Mapping, kind: Kind) -> bool:
    """Return whether a record has a value for each required field."""
    if mapping.is_direct:
        is_linked_data = any(name.startswith("@") for name in row.values)
        return not is_linked_data and all(
            field.partition(".")[0] in row.values for field in kind.required
        )
    resolved = resolved_mapping(mapping, Table("", (), iter(())))
    filled = {
        rule.field
        for rule in resolved.rules
        if rule.rule.value is not None
        or any(
            resolved.value_of(row.values, name) not in (None, "")
            for names in rule.columns
            for name in names
        )
    }
    return all(field in filled or field.partition(".")[0] in filled for field in kind.required)


def _shown_mapping(mapping: Mapping) -> tuple[str, str]:
    if mapping.is_direct:
        return "an import without a mapping", "未指定映射的导入"
    return f"the mapping {mapping.source}", f"映射 {mapping.source} "


def _columns_missing(
    path: Path, kind: Kind, mapping: Mapping, table: Table, lacking: Sequence[str]
) -> Invalid:
    headings = table.columns[:SHOWN_HEADINGS]
    row = table.heading.lines[0] if table.heading else 1
    where = f"{table.sheet}!{row}" if table.sheet else str(row)
    wanted = [_wanted(mapping, field) for field in lacking]
    hint, hint_zh = _hint(fitting_mappings(table.columns, kind))
    return Invalid(
        f"{path.name}: the headings in row {where} ({', '.join(headings)}) lack a column for "
        f"{', '.join(wanted)}; {hint or 'add it, or use a mapping that names your columns.'}",
        f"{path.name}：第 {where} 行的表头（{'、'.join(headings)}）缺少以下列："
        f"{'、'.join(wanted)}；{hint_zh or '请补充该列，或使用与列名相符的映射。'}",
    )


def _wanted(mapping: Mapping, field: str) -> str:
    """Return the column that a field is read from, with the field itself."""
    names = (field, field.partition(".")[0])
    rule = next((mapping.fields[each] for each in names if each in mapping.fields), None)
    columns = rule.columns if rule is not None else ()
    if not columns or mapping.is_direct:
        return field
    return f"{columns[0].replace('|', ' / ')} ({field})"


def _with_hint(
    error: Invalid, path: Path, kind: Kind, mapping: Mapping, encoding: str | None
) -> Invalid:
    """Return the error with the mappings that fit the file, if there are any."""
    every = KnownHeadings(
        column for name in shipped_mappings(kind.view) for column in load_mapping(name).columns()
    )
    try:
        tables = open_tables(path, every, encoding=encoding).tables
    except Invalid:
        return error
    fits = dict.fromkeys(name for each in tables for name in fitting_mappings(each.columns, kind))
    hint, hint_zh = _hint(list(fits))
    if not hint:
        return error
    return Invalid(f"{error.message} Or {hint}", f"{error.message_zh}或{hint_zh}")


def _hint(fits: Sequence[str]) -> tuple[str, str]:
    if not fits:
        return "", ""
    return (
        f"use --mapping {' or '.join(fits)}, which fits these headings.",
        f"请使用与表头相符的映射：{'、'.join(fits)}（--mapping）。",
    )


def _sheet_left_out(table: Table, mapping: Mapping, lacking: Sequence[str]) -> Fault:
    wanted = [_wanted(mapping, field) for field in lacking]
    return Fault(
        f"the sheet {table.sheet} is not read: it lacks a column for {', '.join(wanted)}",
        f"工作表“{table.sheet}”未读取：缺少列 {'、'.join(wanted)}",
    )


def _unread(table: Table, resolved: ResolvedMapping) -> Fault:
    where = f"{table.sheet}: " if table.sheet else ""
    where_zh = f"{table.sheet}：" if table.sheet else ""
    names = list(resolved.unread[:SHOWN_HEADINGS])
    more = " …" if len(resolved.unread) > SHOWN_HEADINGS else ""
    return Fault(
        f"{where}columns that no field is read from: {', '.join(names)}{more}",
        f"{where_zh}以下列未被读取：{'、'.join(names)}{more}",
    )
