"""Audit trail of the priority of registered households.

The stage counts the workers who gained and lost a place by it, and logs the numbers of each
opening. It logs no ids: a log would list the registered households, which the law protects, for
everybody who reads logs. Neither does the API show it to employers. An event that is delivered
twice is logged twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from matcher.boost import Displacements
from roost.metrics import PRIORITY_DISPLACED, PRIORITY_RAISED

_log = structlog.get_logger(__name__)


def record_priority(moved: Mapping[str, Displacements]) -> None:
    """Count and log, for each opening, the workers whom priority moved in and out of its places."""
    for opening_id, each in moved.items():
        PRIORITY_RAISED.inc(len(each.gained))
        PRIORITY_DISPLACED.inc(len(each.lost))
        _log.info(
            "priority_applied",
            opening=opening_id,
            raised=len(each.gained),
            displaced=len(each.lost),
        )
