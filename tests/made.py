"""Values that several tests need: a proposed match, and malformed records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from roost import ids
from roost.events.match import Match, MatchState

POISON: Sequence[bytes] = (
    b"{",
    b"null",
    b"[]",
    b'{"id": 1}',
    b"\xff\xfe\x00",
    b'{"title": "\\ud800"}',
    b"[" * 20_000,
)


def a_match(opening_id: str, worker_id: str, at: datetime, **changes: Any) -> Match:
    """Return a match proposed at a moment, with changes."""
    return Match.model_validate(
        {
            "id": ids.match_id(opening_id, worker_id),
            "opening_id": opening_id,
            "worker_id": worker_id,
            "state": MatchState.PROPOSED,
            "revision": 1,
            "score": 80.0,
            "worker_side": 0.8,
            "employer_side": 0.8,
            "opening_version": 1,
            "profile_version": 1,
            "model": "m/1",
            "proposed_at": at,
            "changed_at": at,
            "caused_at": at,
        }
        | changes
    )
