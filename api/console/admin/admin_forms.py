"""The forms of accounts, keys and stations: their fields and what they say on the wire. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
"""To what the accounts and keys of a role are confined."""


def holding(layout: Layout, typed: Typed) -> dict[str, Any]:
    """What the form says, without what its role is not confined to."""
    said = layout.wire(typed)
    role = _role(typed)
    kept = CONFINED.get(role) if role else None
    for name in ("employerId", "workerId", "stationIds"):
        if name != kept:
            said.pop(name, None)
    return said


def all_scopes() -> list[str]:
    return sorted(Permission)


def named(stations: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Stations as choices."""
    return sorted(((each["id"], each["name"]) for each in stations), key=lambda pair: pair[1])


def confined_to(holder: Holder, stations: Mapping[str, str]) -> str:
    """Whose things it is confined to, as a list shows it."""
    if holder.station_ids:
        return "、".join(stations.get(id, id) for id in holder.station_ids)
    return holder.employer_id or holder.worker_id or ""


def _role(typed: Typed) -> AccountRole | None:
    try:
        return AccountRole(typed["role"])
    except ValueError:
        return None
