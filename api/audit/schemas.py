"""Response bodies of the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from api.lists.totals import TotalField
from roost.events.audit import AuditEntry
from roost.events.common import Model
from roost.views.elastic import Json


class AuditEntries(Model):
    """A page of audit entries."""

    items: Sequence[AuditEntry]
    next: str | None = None
    total: TotalField = None

    def only_about(self, id: str) -> AuditEntries:
        """Return the same page without the other persons that its entries concern."""
        about = [entry_about(each, id) for each in self.items]
        return self.model_copy(update={"items": about})


def about_filter(id: str) -> Json:
    """Return the filter for entries that concern an entity or a person."""
    return {"bool": {"should": [{"term": {"objects": id}}, {"term": {"persons": id}}]}}


def requests_only() -> Json:
    """Return the filter for requests. Events of authentication name networks of other people."""
    return {"bool": {"must_not": [{"exists": {"field": "event"}}]}}


def entry_about(entry: AuditEntry, id: str) -> AuditEntry:
    """Return an entry reduced to one person; the others it concerns are not that person's data."""
    return entry.model_copy(
        update={
            "objects": tuple(each for each in entry.objects if each.id == id),
            "persons": tuple(each for each in entry.persons if each == id),
        }
    )
