"""The wait of a stage that stopped at dead letters in a process that it shares with others.

Alone, a stopped stage ends its process, and its supervisor tries it again after minutes. In a
shared process that would stop the other stages as well. So the stage keeps its batch, commits
nothing, and tries the batch again, on probation, when it is to continue or after the same
time. The other stages go on.
"""

from __future__ import annotations

import asyncio
import sys

import structlog

from roost.kafka.ports import TopicReader
from streams.kernel.dead_letter_limit import DeadLetterLimit, DeadLetterRules, StageStopped
from streams.kernel.retry import retry_transient
from streams.kernel.stage_stops import find_stops

_log = structlog.get_logger(__name__)
TRY_AGAIN_S = 300.0
"""Longest wait before the batch is tried again, as `roost up` waits for a process."""
CHECK_S = 10.0
"""Seconds between two looks whether the stage is to continue."""


class StoppedStage:
    """Wait of a stage after a stop, before it processes the batch in hand again."""

    def __init__(self, stage: str, reader: TopicReader, rules: DeadLetterRules) -> None:
        self._stage = stage
        self._reader = reader
        self._rules = rules

    async def __call__(self, stop: StageStopped) -> DeadLetterLimit:
        """Wait until the stage is to continue, or its time has passed; return its new limit."""
        print(f"{stop.message}\n{stop.message_zh}", file=sys.stderr, flush=True)
        end = asyncio.get_running_loop().time() + TRY_AGAIN_S
        while True:
            await asyncio.sleep(CHECK_S)
            stops = await retry_transient("stage-stops.read", lambda: find_stops(self._reader))
            found = stops.get(self._stage)
            if found is None or found.continued or asyncio.get_running_loop().time() >= end:
                _log.info("stage_tried_again", stage=self._stage)
                return DeadLetterLimit(self._rules, found)
