"""Form of a notice: policy news to places and stations, or the answer to one worker. Pure."""

from __future__ import annotations

from typing import Any

from api.console.shell.form_layout import Layout, Typed
from roost.events.notice import NoticeKind

LAYOUT = Layout(
    texts=("kind", "zh.title", "zh.body", "en.title", "en.body", "workerId"),
    lines=("audience.places",),
    choices=("audience.stationIds",),
    ticks=("urgent",),
    places=("audience.places",),
)
KINDS = tuple(kind.value for kind in NoticeKind)


def wire_of(typed: Typed) -> dict[str, Any]:
    """Return the notice as JSON; an answer goes to its worker alone."""
    wire = LAYOUT.wire(typed)
    worker = wire.pop("workerId", None)
    if typed["kind"] == NoticeKind.REQUEST_ANSWERED:
        wire["audience"] = {"workerIds": [worker] if worker else []}
    wire.setdefault("audience", {})
    return wire
