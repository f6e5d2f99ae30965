"""Layouts of the forms of accounts and keys, and the values that they submit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.access.permission_labels import label
from api.console.shell.form_layout import Layout, Typed
from roost.events.account import AccountRole, Holder, Permission

HOLDER = ("role", "employerId", "workerId")
ACCOUNT = Layout(
    texts=("login", "name", "language", *HOLDER), choices=("stationIds",), ticks=("byOidc",)
)
EDITED = Layout(texts=("name", "language", *HOLDER), choices=("stationIds",), ticks=("disabled",))
KEY = Layout(texts=("name", "days", *HOLDER), choices=("stationIds", "scopes"))
ROTATION = Layout(texts=("days", "graceHours"))
CONFINED: Mapping[AccountRole, str] = {
    AccountRole.EMPLOYER: "employerId",
    AccountRole.WORKER: "workerId",
    AccountRole.CLERK: "stationIds",
    AccountRole.CHIEF: "stationIds",
}
"""Field that confines the accounts and keys of a role to their own data."""


def holder_wire(layout: Layout, typed: Typed) -> dict[str, Any]:
    """Return the submitted values without the fields that do not confine the role."""
    wire = layout.wire(typed)
    role = _role(typed)
    confining = CONFINED.get(role) if role else None
    for name in ("employerId", "workerId", "stationIds"):
        if name != confining:
            wire.pop(name, None)
    return wire


def scope_choices(language: str) -> list[tuple[str, str]]:
    """Return every permission with its action in words."""
    return [(each.value, label(each, language)) for each in sorted(Permission)]


def named(stations: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return stations as choices, by name."""
    return sorted(((each["id"], each["name"]) for each in stations), key=lambda pair: pair[1])


def confined_to(holder: Holder, stations: Mapping[str, str]) -> str:
    """Return the stations, employer or worker that a list shows next to the role."""
    if holder.station_ids:
        return "、".join(stations.get(id, id) for id in holder.station_ids)
    return holder.employer_id or holder.worker_id or ""


def _role(typed: Typed) -> AccountRole | None:
    try:
        return AccountRole(typed["role"])
    except ValueError:
        return None
