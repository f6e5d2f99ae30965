"""Mapping that a request names: one that ships with Roost, or one that its people have saved."""

from __future__ import annotations

from collections.abc import Sequence

from api.access.principal import Principal
from api.imports.import_work import SOURCE
from api.imports.saved_mappings import mappings_of
from api.ports.services import Services
from producers.importing.import_kinds import KINDS
from producers.mappings.day_orders import stated_orders, with_day_orders
from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping, shipped_mappings
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.suggesting.saved_choices import mapping_of_choices
from producers.tables.sheets import Fault
from producers.values import DayOrder
from roost.errors import invalid_field
from roost.events.import_mapping import ImportKind


def named_mapping(
    given: Services, who: Principal, kind: ImportKind, name: str | None, day_orders: Sequence[str]
) -> MappingFile:
    """Return the mapping with a name or an id, with the orders of days that the request states.

    Without a name, columns are named like the fields of the API. Raises Invalid.
    """
    return with_day_orders(_mapping(given, who, kind, name), stated_orders(day_orders))


def _mapping(given: Services, who: Principal, kind: ImportKind, name: str | None) -> MappingFile:
    if name is None:
        return direct_mapping(KINDS[kind].content, SOURCE)
    shipped = shipped_mappings(kind)
    if name in shipped:
        return load_mapping(name)
    saved = [each for each in mappings_of(given, who, kind) if name in (each.id, each.name)]
    if not saved:
        raise invalid_field(
            "mapping",
            f"use one of {', '.join(shipped)}, or a mapping that you have saved in the console",
            f"可选：{'、'.join(shipped)}，或您在控制台保存的映射",
        )
    return mapping_of_choices(saved[0], SOURCE)


def ask_with_parameter(column: str) -> Fault:
    """Return how to state the order of a column of days in a request."""
    first, other = (f"dayOrder={column}={order.value}" for order in DayOrder)
    return Fault(
        f"add the parameter {first}, or {other}",
        f"请加上参数 {first}（日在前）或 {other}（月在前）",
    )
