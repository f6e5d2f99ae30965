"""The priority of registered households, so that it can be audited: whom it gave a place, and whom
it took one from.

Counted, and written to the log of the stage with the ids of matches only. Nothing of it is put into
a match or shown by the API: an employer is not to learn from a list who is poor. An event that is
delivered twice is told twice, with the same ids.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from matcher.boost import Displacements
from roost.ids import match_id
from roost.metrics import PRIORITY_DISPLACED, PRIORITY_RAISED

_log = structlog.get_logger(__name__)


def record_priority(moved: Mapping[str, Displacements]) -> None:
    """Tells of each opening whom priority moved in and out of its places."""
    for opening_id, each in moved.items():
        PRIORITY_RAISED.inc(len(each.gained))
        PRIORITY_DISPLACED.inc(len(each.lost))
        _log.info(
            "priority_applied",
            opening=opening_id,
            raised=[match_id(opening_id, worker) for worker in each.gained],
            displaced=[match_id(opening_id, worker) for worker in each.lost],
        )
