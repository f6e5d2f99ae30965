"""What the endpoints of the audit trail answer."""

from __future__ import annotations

from collections.abc import Sequence

from roost.events.audit import AuditEntry
from roost.events.common import Model
from roost.views.elastic import Json


class Trailing(Model):
    items: Sequence[AuditEntry]
    next: str | None = None

    def about(self, id: str) -> Trailing:
        """The same, without who else was seen."""
        return Trailing(items=[about(each, id) for each in self.items], next=self.next)


def about(entry: AuditEntry, id: str) -> AuditEntry:
    """What an entry says of one person; who else was seen with them is nothing of theirs."""
    return entry.model_copy(
        update={
            "objects": tuple(each for each in entry.objects if each.id == id),
            "persons": tuple(each for each in entry.persons if each == id),
        }
    )


def of_object(id: str) -> Json:
    """The clause for what was seen or changed."""
    return {"bool": {"should": [{"term": {"objects": id}}, {"term": {"persons": id}}]}}
