"""The form of a notice: news of a policy to places and stations, or one worker's answer. Pure."""

from __future__ import annotations

from typing import Any

from api.console.shell.form_layout import Layout, Typed
from roost.events.notice import NoticeKind

LAYOUT = Layout(
    texts=("kind", "zh.title", "zh.body", "en.title", "en.body", "workerId"),
    lines=("audience.places",),
    choices=("audience.stationIds",),
    ticks=("urgent",),
)
KINDS = tuple(kind.value for kind in NoticeKind)


def wire_of(typed: Typed) -> dict[str, Any]:
    """An answer goes to its one worker, whatever else the form held before."""
    said = LAYOUT.wire(typed)
    worker = said.pop("workerId", None)
    if typed["kind"] == NoticeKind.REQUEST_ANSWERED:
        said["audience"] = {"workerIds": [worker] if worker else []}
    said.setdefault("audience", {})
    return said
