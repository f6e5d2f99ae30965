"""Answers of the endpoints of sources: definition, state, and whether a run is due."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from roost.events.common import Model
from roost.events.source import Source, SourceContent, SourceState

EXAMPLES: Any = {
    "listing": {
        "summary": "All advertisements of a partner, every hour",
        "value": {
            "name": "City jobs",
            "url": "https://jobs.example.com/all.csv",
            "mapping": "nyc_jobs",
            "schedule": {"everyMinutes": 60},
        },
    },
    "changes": {
        "summary": "Changes since a cursor",
        "value": {
            "name": "市人才网",
            "url": "https://jobs.example.com/changes?since={cursor}",
            "mode": "changes",
            "cursor": {"field": "meta.next", "start": "2026-01-01"},
            "removal": {"field": "status", "values": ["INACTIVE"]},
            "schedule": {"at": ["06:30", "12:30"]},
        },
    },
}


class NewSource(SourceContent):
    """A source to add."""


class SourceDetails(Source):
    """A source with the state of its last runs; without one before the first run."""

    state: SourceState | None = Field(None, description="absent before the first run")


class SourceList(Model):
    """Sources by name."""

    items: tuple[SourceDetails, ...]


def source_details(source: Source, state: SourceState | None) -> SourceDetails:
    """Return a source with its state."""
    fields = {name: getattr(source, name) for name in Source.model_fields}
    return SourceDetails(**fields, state=state)
