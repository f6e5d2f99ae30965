"""Order of days and months in a file's columns: stated, told by the values, or asked for.

A column of days such as 1/5/2026 is asked about once, for the whole file, and never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from producers.mappings.cell_values import clean_text
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.mapping_model import Rule, alternatives
from producers.mappings.resolved_mapping import ResolvedMapping, ResolvedRule, with_reader
from producers.tables.headings import folded_heading
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow, Table
from producers.values import DayOrder, NotUnderstood, day_order, is_ambiguous_day
from roost.errors import FieldError, Invalid, invalid_field

DAYS = frozenset(("day", "date"))
"""Kinds of rules that read days."""
SAMPLED_ROWS = 500
"""First rows of a table that are looked at."""
LONGEST_SAMPLE = 60
MOST_ORDERS = 50
"""Columns whose order one request states."""
AskOrder = Callable[[str], Fault]
"""Returns how to state the order of a column, for the message that asks for it."""
Tables = Sequence[tuple[Table, ResolvedMapping]]
Values = Mapping[str, Mapping[str, set[str]]]
"""Texts of the first rows by field and by column of the file."""


def stated_orders(texts: Sequence[str], field: str = "dayOrder") -> dict[str, DayOrder]:
    """Return the orders that texts such as `datePosted=day-first` state, by column.

    Raises Invalid.
    """
    found = {}
    for text in texts[: MOST_ORDERS + 1]:
        column, _, order = text.rpartition("=")
        if not column.strip() or order.strip() not in list(DayOrder) or len(texts) > MOST_ORDERS:
            raise invalid_field(
                field,
                f"write COLUMN=day-first or COLUMN=month-first, for at most {MOST_ORDERS} columns",
                f"请写成“列名=day-first”（日在前）或“列名=month-first”（月在前），"
                f"最多 {MOST_ORDERS} 列",
            )
        found[column.strip()] = DayOrder(order.strip())
    return found


def with_day_orders(
    mapping: MappingFile, orders: Mapping[str, DayOrder], field: str = "dayOrder"
) -> MappingFile:
    """Return the mapping with the order of days of some columns.

    Raises Invalid for a column that no day is read from; `field` names the option in messages.
    """
    if not orders:
        return mapping
    wanted = {folded_heading(column): order for column, order in orders.items()}
    unused = dict(zip(wanted, orders, strict=False))
    rules = dict(mapping.fields)
    days = {name: rule for name, rule in rules.items() if rule.kind in DAYS and rule.columns}
    for name, rule in days.items():
        for column in map(folded_heading, _columns_of(rule)):
            if column in wanted:
                rules[name] = rule.model_copy(update={"order": wanted[column]})
                unused.pop(column, None)
    if unused:
        columns = "、".join(dict.fromkeys(each for rule in days.values() for each in rule.columns))
        raise invalid_field(
            field,
            f"no day is read from the column {next(iter(unused.values()))!r}; "
            f"the columns of days are {columns or 'none'}",
            f"列“{next(iter(unused.values()))}”不作为日期读取；日期列为：{columns or '无'}",
        )
    return mapping.model_copy(update={"fields": rules})


def settled_orders(tables: Tables, ask: AskOrder) -> list[tuple[Table, ResolvedMapping]]:
    """Return the tables with the orders that the values of their columns tell.

    The first rows are looked at. Raises Invalid, which names each column with days of two readings
    whose order no value tells, and how to state it.
    """
    values = _first_values(tables)
    orders: dict[str, DayOrder] = {}
    questions: list[FieldError] = []
    for field, by_column in values.items():
        texts = [text for each in by_column.values() for text in sorted(each)]
        order = _told_order(texts)
        if order is not None:
            orders[field] = order
            continue
        questions += [
            _question(column, ask)
            for column, found in by_column.items()
            if any(map(is_ambiguous_day, found))
        ]
    if questions:
        raise Invalid(
            "; ".join(f"{each.field}: {each.message}" for each in questions),
            "；".join(f"{each.field}：{each.message_zh}" for each in questions),
            fields=tuple(questions),
        )
    return [(table, _with_orders(resolved, orders)) for table, resolved in tables]


def _columns_of(rule: Rule) -> Iterator[str]:
    for column in rule.columns:
        yield from alternatives(column)


def _first_values(tables: Tables) -> Values:
    """Return the texts of columns of days without an order; the rows are still read afterwards."""
    found: Values = defaultdict(lambda: defaultdict(set))
    for table, resolved in tables:
        rules = [each for each in resolved.rules if _is_open(each)]
        if not rules or (resolved.is_json and resolved.mapping.is_direct):
            continue
        first = list(islice(table.rows, SAMPLED_ROWS))
        table.rows = chain(first, table.rows)
        for row in first:
            for rule in rules:
                for column, text in _texts(row, rule, resolved):
                    found[rule.field][column].add(text)
    return found


def _is_open(rule: ResolvedRule) -> bool:
    return rule.rule.kind in DAYS and rule.rule.order is None and rule.rule.value is None


def _texts(
    row: ImportRow, rule: ResolvedRule, resolved: ResolvedMapping
) -> Iterator[tuple[str, str]]:
    """Yield the columns of a rule with their texts; cells that hold none are faults later."""
    if row.fault is not None:
        return
    for name in (name for names in rule.columns for name in names):
        try:
            text = clean_text(resolved.value_of(row.values, name))
        except NotUnderstood:
            continue
        if text and len(text) <= LONGEST_SAMPLE:
            yield name, text


def _told_order(texts: Sequence[str]) -> DayOrder | None:
    try:
        return day_order(texts)
    except NotUnderstood:
        return None


def _question(column: str, ask: AskOrder) -> FieldError:
    remedy = ask(column)
    return FieldError(
        column,
        f"holds days that can be read with the day or the month first; {remedy.en}",
        f"日、月的先后顺序不明；{remedy.zh}",
    )


def _with_orders(resolved: ResolvedMapping, orders: Mapping[str, DayOrder]) -> ResolvedMapping:
    if not any(each.field in orders and _is_open(each) for each in resolved.rules):
        return resolved
    rules = tuple(
        with_reader(_with_order(each, orders[each.field]), is_json=resolved.is_json)
        if each.field in orders and _is_open(each)
        else each
        for each in resolved.rules
    )
    return replace(resolved, rules=rules)


def _with_order(rule: ResolvedRule, order: DayOrder) -> ResolvedRule:
    return replace(rule, rule=rule.rule.model_copy(update={"order": order}))
