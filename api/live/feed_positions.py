"""Cursors of the change feed: one offset for every partition of its topics, sealed.

The offsets would show how much the county registers and matches. A cursor serves only the caller
that it was issued to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from api.ports.services import Services
from roost.kafka.ports import Partition, partitions_of
from roost.security.sealed_tokens import open_token, seal_token
from roost.topics import MATCHES, OPENINGS, PROFILES, STATIONS

TOPICS = {"opening": OPENINGS, "match": MATCHES, "profile": PROFILES, "station": STATIONS}
"""Topics by the type of a change."""
TYPE_OF = {topic.name: kind for kind, topic in TOPICS.items()}
PARTITIONS = tuple(partitions_of(TOPICS.values()))
Positions = Mapping[Partition, int]
LIFETIME = timedelta(days=30)
"""Period in which a subscriber that stopped can resume; then it reads the lists again."""
MOST_BEHIND = 200_000
"""Largest number of records that one stream replays; further behind, it asks for a reload."""


def format_cursor(given: Services, who_id: str, positions: Positions) -> str:
    """Return the cursor that stands for some positions."""
    offsets = [positions[each] for each in PARTITIONS]
    now = given.clock.now()
    return seal_token(given.key, "feed", offsets, bound_to=[who_id], now=now, lifetime=LIFETIME)


def parse_cursor(given: Services, who_id: str, cursor: str) -> dict[Partition, int]:
    """Return the positions of a cursor. Raises TokenRefused."""
    now = given.clock.now()
    offsets = open_token(given.key, "feed", cursor, bound_to=[who_id], now=now, field="since")
    return dict(zip(PARTITIONS, offsets, strict=True))


def records_between(start: Positions, now: Positions) -> int:
    """Return the largest possible number of records from some positions to later ones."""
    return sum(max(0, now[each] - start[each]) for each in PARTITIONS)
