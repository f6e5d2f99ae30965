"""The projection of `audit` into its view: pure. The API writes the topic; this stage the view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from roost.events.audit import AuditEntry
from roost.kafka.incoming import Fact
from roost.topics import AUDIT
from roost.views.answers import Write
from streams.views.projections import VIEW_OF


def audit_write(entry: AuditEntry, value: bytes, version: int) -> Write:
    """Return the document of an audit entry; `value` is its record's own JSON, kept as `fact`."""
    document = {
        "id": entry.id,
        "version": version,
        "at": entry.at.isoformat(),
        "event": entry.event.value if entry.event else None,
        "login_hash": entry.login_hash,
        "network": entry.network,
        "method": entry.method,
        "objects": [each.id for each in entry.objects],
        "persons": list(entry.persons),
        "role": entry.role.value if entry.role else None,
        "route": entry.route,
        "status": entry.status,
        "who": entry.who,
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[AUDIT], entry.id, version, document)


def project_audit(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Return the document of each fact of `audit`."""
    return [audit_write(fact.required_event, fact.value, fact.version) for fact in facts]
