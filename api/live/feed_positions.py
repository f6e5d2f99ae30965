"""Where somebody is in the feed: an offset of every partition of its topics. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from api.ports.following import Partition
from roost.errors import invalid_field
from roost.topics import MATCHES, OPENINGS, PROFILES, STATIONS

TOPICS = {"opening": OPENINGS, "match": MATCHES, "profile": PROFILES, "station": STATIONS}
"""By the type of a change."""
TYPE_OF = {topic.name: kind for kind, topic in TOPICS.items()}
PARTITIONS = tuple(
    Partition(topic.name, number) for topic in TOPICS.values() for number in range(topic.partitions)
)
Positions = Mapping[Partition, int]


def text_of(positions: Positions) -> str:
    return ".".join(str(positions[each]) for each in PARTITIONS)


def positions_in(cursor: str) -> dict[Partition, int]:
    """Raises Invalid for what is no cursor of the feed."""
    parts = cursor.split(".")
    if len(parts) != len(PARTITIONS) or not all(each.isdecimal() for each in parts):
        raise invalid_field(
            "since", "is not a cursor of this feed; take `next`", "不是变更流的游标，请使用 next"
        )
    return {each: int(part) for each, part in zip(PARTITIONS, parts, strict=True)}
