"""The log of priority names openings and numbers, and no worker."""

from __future__ import annotations

import structlog

from matcher.boost import displacements
from roost import ids
from streams.match.priority_audit import record_priority

OPENING = ids.opening_id("t", "1")


def test_no_worker_of_a_registered_household_is_logged() -> None:
    gained, lost = ids.worker_id("t", "1"), ids.worker_id("t", "2")
    with structlog.testing.capture_logs() as logged:
        record_priority({OPENING: displacements([gained], [lost])})
    [entry] = logged
    assert (entry["opening"], entry["raised"], entry["displaced"]) == (OPENING, 1, 1)
    assert not any(worker in str(entry) for worker in (gained, lost))
