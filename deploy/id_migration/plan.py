"""The extent of a migration, and the obstacles to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.id_migration.copying import Cut, originals
from producers.admin import backlogs, running_groups
from roost.errors import Conflict
from roost.kafka.ports import TopicReader
from roost.servers.connections import Servers
from roost.topics import COUNTY, PROPOSALS, REQUESTS, SEARCHABLE, SESSIONS, TOPICS, Topic
from streams.stages import READS, group_of

GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
DROPPED = (SEARCHABLE, PROPOSALS, REQUESTS, SESSIONS)
"""Topics that are emptied: their records are used up, or concern one browser or one repetition."""
COPIED = tuple(topic for topic in TOPICS if topic not in {*DROPPED, COUNTY})
REWRITTEN = (*COPIED, *DROPPED)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why the migration cannot begin, in both languages."""

    message: str
    message_zh: str


async def count_originals(reader: TopicReader, cuts: Mapping[Topic, Cut]) -> dict[Topic, int]:
    """Return the number of records to copy, by topic. Raises Transient."""
    return {
        topic: sum([1 async for _ in originals(reader, topic, cuts[topic])]) for topic in COPIED
    }


def obstacles(bootstrap_servers: Servers) -> list[Obstacle]:
    """Return what keeps a migration from beginning: running stages, and unprocessed events."""
    found = [
        Obstacle(
            f"The stage of the group {group} runs; stop all stages and the API.",
            f"消费组 {group} 的阶段仍在运行，请停止全部阶段与接口。",
        )
        for group in running_groups(bootstrap_servers, list(GROUPS))
    ]
    behind = [each for each in backlogs(bootstrap_servers, GROUPS) if each.lag > 0]
    return found + [
        Obstacle(
            f"{each.group} has {each.lag} unprocessed events in {each.topic}; start the stages "
            "without the API until they have processed everything, then stop them.",
            f"{each.group} 在 {each.topic} 中还有 {each.lag} 条未处理事件，请先启动各阶段处理。",
        )
        for each in behind
    ]


def refuse(found: Sequence[Obstacle]) -> None:
    """Raise Conflict with all obstacles, if there are any."""
    if found:
        raise Conflict(
            " ".join(each.message for each in found), "".join(each.message_zh for each in found)
        )
