"""What the endpoints of the audit trail answer."""

from __future__ import annotations

from collections.abc import Sequence

from roost.events.audit import AuditEntry
from roost.events.common import Model


class Trailing(Model):
    items: Sequence[AuditEntry]
    next: str | None = None
