"""Jobs of imports that wait in the queue."""

from __future__ import annotations

from typing import Any

from api.access.principal import Principal
from api.imports.saved_mappings import group_of
from api.ports.services import Services
from roost.events.import_job import ImportJob, ImportState


def waiting_job(given: Services, who: Principal, id: str, **fields: Any) -> ImportJob:
    """Return a new job of the caller, created now; `fields` describe its file."""
    now = given.clock.now()
    return ImportJob(
        id=id,
        state=ImportState.WAITING,
        owner=who.id,
        group=group_of(who),
        created_at=now,
        updated_at=now,
        **fields,
    )
