"""Progress of the stages that propose and decide matches, for the stage that follows them.

A worker who gets a match is notified of that, and not of the same opening by a saved search. So the
alert stage lets the match stage pass the events of its batch first, and the queue stage the
proposals of them. It waits for a limited time only. Once a wait has ended without that, the stages
are behind; the next batches look once and go on, and the deliver stage drops messages on openings
that match meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from roost.errors import Transient
from roost.kafka.incoming import Fact
from roost.kafka.ports import GroupOffsets, Partition, TopicReader, partitions_of
from roost.topics import PROPOSALS

_log = structlog.get_logger(__name__)
PATIENCE_S = 10.0
"""Longest wait for the matches of a batch."""
FIRST_LOOK_S, LAST_LOOK_S = 0.05, 0.5


class DecidedMatches:
    """Waits for the match and queue stages, by the offsets that their groups have committed."""

    def __init__(
        self,
        reader: TopicReader,
        match_group: str,
        queue_group: str,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._reader = reader
        self._match_group = match_group
        self._queue_group = queue_group
        self._patience_s = patience_s
        self._are_behind = False

    async def follow(self, facts: Sequence[Fact[Any]]) -> None:
        """Wait until matches of these events are decided, or the patience ends."""
        patience = 0.0 if self._are_behind else self._patience_s
        try:
            decided = await self._follow(ends_of(facts), patience)
        except Transient:
            decided = False
        if not decided and not self._are_behind:
            _log.warning("alert_before_match", waited_s=self._patience_s)
        self._are_behind = not decided

    async def _follow(self, ends: Mapping[Partition, int], patience_s: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience_s
        async with self._reader.group_offsets(self._match_group) as match:
            if not await _passed(match, ends, deadline):
                return False
            proposals = await match.ends(partitions_of([PROPOSALS]))
        async with self._reader.group_offsets(self._queue_group) as queue:
            return await _passed(queue, proposals, deadline)


def ends_of(facts: Sequence[Fact[Any]]) -> dict[Partition, int]:
    """Return the offset after the last event of each partition."""
    ends: dict[Partition, int] = {}
    for fact in facts:
        place = Partition(fact.origin.topic.name, fact.origin.partition)
        ends[place] = max(ends.get(place, 0), fact.origin.offset + 1)
    return ends


async def _passed(group: GroupOffsets, ends: Mapping[Partition, int], deadline: float) -> bool:
    """Return whether a group has committed up to these ends before the deadline.

    A group that has committed nothing on these topics does not run: nobody waits for it.
    """
    loop, pause = asyncio.get_running_loop(), FIRST_LOOK_S
    while True:
        committed = await group.committed()
        topics = {each.topic for each in ends}
        if not any(each.topic in topics for each in committed):
            return True
        if all(committed.get(each, 0) >= end for each, end in ends.items()):
            return True
        if loop.time() + pause > deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LAST_LOOK_S)
