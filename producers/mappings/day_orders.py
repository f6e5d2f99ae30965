"""Order of days and months in a file's columns, as somebody states it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.mapping_model import Rule, alternatives
from producers.tables.headings import folded_heading
from producers.values import DayOrder
from roost.errors import invalid_field

DAYS = frozenset(("day", "date"))
"""Kinds of rules that read days."""
MOST_ORDERS = 50
"""Columns whose order one request states."""


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


def _columns_of(rule: Rule) -> Iterator[str]:
    for column in rule.columns:
        yield from alternatives(column)
