"""Cursors of the change feed: one offset for every partition of its topics."""

from __future__ import annotations

from collections.abc import Mapping

from roost.errors import invalid_field
from roost.kafka.ports import Partition, partitions_of
from roost.topics import MATCHES, OPENINGS, PROFILES, STATIONS

TOPICS = {"opening": OPENINGS, "match": MATCHES, "profile": PROFILES, "station": STATIONS}
"""Topics by the type of a change."""
TYPE_OF = {topic.name: kind for kind, topic in TOPICS.items()}
PARTITIONS = tuple(partitions_of(TOPICS.values()))
Positions = Mapping[Partition, int]


def format_cursor(positions: Positions) -> str:
    """Return the cursor that stands for some positions."""
    return ".".join(str(positions[each]) for each in PARTITIONS)


def parse_cursor(cursor: str) -> dict[Partition, int]:
    """Return the positions of a cursor. Raises Invalid if it is not a cursor of the feed."""
    parts = cursor.split(".")
    if len(parts) != len(PARTITIONS) or not all(each.isdecimal() for each in parts):
        raise invalid_field(
            "since", "is not a cursor of this feed; take `next`", "不是变更流的游标，请使用 next"
        )
    return {each: int(part) for each, part in zip(PARTITIONS, parts, strict=True)}
