"""Form of a source: its fields, and the JSON body that they submit. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import Layout, Typed
from roost.places.written_names import written_name

LAYOUT = Layout(
    texts=(
        "name",
        "url",
        "folder",
        "mapping",
        "near",
        "mode",
        "schedule.everyMinutes",
        "schedule.at",
        "cursor.field",
        "cursor.header",
        "cursor.start",
        "removal.field",
        "removal.values",
        "mostWithdrawnPercent",
    ),
    ticks=("paused",),
)
_SEPARATORS = re.compile(r"[\s,，、;；]+")


def submitted_source(layout: Layout, typed: Typed) -> dict[str, Any]:
    """Return the definition that a form submits: lists are separated by blanks or commas."""
    body = layout.wire(typed)
    schedule, removal = body.get("schedule", {}), body.get("removal", {})
    for part, name in ((schedule, "at"), (removal, "values")):
        if name in part:
            part[name] = [each for each in _SEPARATORS.split(str(part[name])) if each]
    if set(body.get("cursor", ())) == {"start"}:
        del body["cursor"]
    return body


def shown_source(source: Mapping[str, Any]) -> Typed:
    """Return the fields of a stored source."""
    shown = LAYOUT.shown(source)
    schedule, removal = source.get("schedule", {}), source.get("removal") or {}
    if near := source.get("near"):
        shown |= {"near": written_name(near)}
    return shown | {
        "schedule.at": " ".join(each[:5] for each in schedule.get("at", ())),
        "removal.values": " ".join(removal.get("values", ())),
    }
