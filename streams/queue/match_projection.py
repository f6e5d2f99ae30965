"""The projection of `matches` into its view: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from roost.events.match import Match
from roost.kafka.incoming import Fact
from roost.topics import MATCHES
from roost.views.answers import Write
from streams.queue import match_documents
from streams.views.projections import VIEW_OF, erased_write


def match_write(match: Match, value: bytes, version: int) -> Write:
    """Return the document of a match; `value` is its record's own JSON, kept as `fact`."""
    document = {
        "id": match.id,
        "version": version,
        "opening_id": match.opening_id,
        "worker_id": match.worker_id,
        "station_id": match.station_id,
        "state": match.state.value,
        "active": match.state.active,
        "score": match.score,
        "unboosted": match.unboosted,
        "assigned_to": match.assigned_to,
        "revision": match.revision,
        "created_at": (match.first_proposed_at or match.proposed_at).isoformat(),
        **match_documents.moments(match),
        **match_documents.about(match),
        **match_documents.referrals(match),
        **({"slot_id": match.slot_id} if match.slot_id else {}),
        "fact": orjson.Fragment(value),
    }
    return Write(VIEW_OF[MATCHES], match.id, version, document)


def project_matches(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Return the document of each fact of `matches`; a tombstone gives an erased document."""
    return [
        erased_write(VIEW_OF[MATCHES], fact.key, fact.version)
        if fact.event is None
        else match_write(fact.event, fact.value, fact.version)
        for fact in facts
    ]
