"""Survey of a file's columns of days: their values tell the order, or it is asked for.

A column of days such as 1/5/2026 is asked about once, for the whole file, and never guessed. All
rows count, not the first ones only: a long file is read twice. Memory stays bounded, since only the
orders that a column's values have are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from producers.mappings.cell_values import clean_text
from producers.mappings.day_orders import DAYS
from producers.mappings.resolved_mapping import ResolvedMapping, ResolvedRule, with_reader
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow, Table
from producers.values import DayOrder, NotUnderstood, day_order, is_ambiguous_day
from roost.errors import FieldError, Invalid

FIRST_ROWS = 500
"""Rows of a table that are kept while they are surveyed; a longer one is read twice."""
LONGEST_DAY = 60
"""Characters of the longest text that can name a day."""
REMEMBERED = 2_000
"""Different texts of a column that are judged once."""
AskOrder = Callable[[str], Fault]
"""Returns how to state the order of a column, for the message that asks for it."""
Tables = Sequence[tuple[Table, ResolvedMapping]]


class OrderUnknown(Invalid):
    """Columns of days with two readings whose order nothing in the file tells."""


@dataclass(slots=True)
class ColumnDays:
    """Days of one column: the orders that its texts have, and whether one has two readings."""

    orders: set[DayOrder] = field(default_factory=set)
    is_ambiguous: bool = False
    _seen: set[str] = field(default_factory=set)

    def take(self, text: str) -> None:
        """Judge a text."""
        if text in self._seen:
            return
        if len(self._seen) < REMEMBERED:
            self._seen.add(text)
        order = day_order([text])
        if order is not None:
            self.orders.add(order)
        self.is_ambiguous = self.is_ambiguous or is_ambiguous_day(text)


Survey = dict[str, dict[str, ColumnDays]]
"""Days by field, and by column of the file."""


def settled_orders(
    tables: Tables, ask: AskOrder | None, reread: Callable[[], Tables]
) -> list[tuple[Table, ResolvedMapping]]:
    """Return the tables with the orders that the values of their columns tell.

    `reread` opens the same tables again, for a survey of more rows than are kept. With `ask`,
    raises OrderUnknown, which names each column with days of two readings whose order no value
    tells, and how to state it.
    """
    survey = _survey(tables, reread)
    orders: dict[str, DayOrder] = {}
    questions: list[FieldError] = []
    for name, columns in survey.items():
        known = {order for each in columns.values() for order in each.orders}
        if len(known) == 1:
            orders[name] = known.pop()
        elif ask is not None:
            asked = (column for column, days in columns.items() if days.is_ambiguous)
            questions += [_question(column, ask) for column in asked]
    if questions:
        raise OrderUnknown(
            "; ".join(f"{each.field}: {each.message}" for each in questions),
            "；".join(f"{each.field}：{each.message_zh}" for each in questions),
            fields=tuple(questions),
        )
    return [(table, _with_orders(resolved, orders)) for table, resolved in tables]


def _survey(tables: Tables, reread: Callable[[], Tables]) -> Survey:
    """Return the days of all rows; the rows of the tables are still read afterwards."""
    surveyed = [(table, resolved) for table, resolved in tables if _open_rules(resolved)]
    survey: Survey = {}
    is_long = False
    for table, resolved in surveyed:
        first = list(islice(table.rows, FIRST_ROWS))
        table.rows = chain(first, table.rows)
        is_long = is_long or len(first) == FIRST_ROWS
        _take_rows(survey, first, resolved)
    if not is_long:
        return survey
    for table, resolved in surveyed:
        if table.different is not None:
            _take_cells(survey, table.different, resolved)
    if any(table.different is None for table, _ in surveyed):
        for table, resolved in reread():
            _take_rows(survey, table.rows, resolved)
    return survey


def _open_rules(resolved: ResolvedMapping) -> list[ResolvedRule]:
    """Return the rules of days without an order."""
    if resolved.is_json and resolved.mapping.is_direct:
        return []
    return [each for each in resolved.rules if _is_open(each)]


def _is_open(rule: ResolvedRule) -> bool:
    return rule.rule.kind in DAYS and rule.rule.order is None and rule.rule.value is None


def _take_cells(
    survey: Survey,
    different: Callable[[Sequence[str]], Iterable[tuple[str, object]]],
    resolved: ResolvedMapping,
) -> None:
    columns = _columns(survey, resolved)
    names = list(dict.fromkeys(name for _, name in columns))
    for column, cell in different(names):
        for found, name in columns:
            if name == column:
                _take(found, name, {name: cell}, resolved)


def _columns(survey: Survey, resolved: ResolvedMapping) -> list[tuple[dict[str, ColumnDays], str]]:
    """Return the columns of days without an order, each with the days of its field."""
    return [
        (survey.setdefault(rule.field, {}), name)
        for rule in _open_rules(resolved)
        for names in rule.columns
        for name in names
    ]


def _take_rows(survey: Survey, rows: Iterable[ImportRow], resolved: ResolvedMapping) -> None:
    columns = _columns(survey, resolved)
    for row in rows:
        if row.fault is None:
            for found, name in columns:
                _take(found, name, row.values, resolved)


def _take(
    found: dict[str, ColumnDays], name: str, values: Mapping[str, object], resolved: ResolvedMapping
) -> None:
    """Judge a cell that may name a day; one that holds none is a fault later."""
    try:
        text = clean_text(resolved.value_of(values, name))
    except NotUnderstood:
        return
    if text and len(text) <= LONGEST_DAY:
        found.setdefault(name, ColumnDays()).take(text)


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
