"""The record of stopped stages: the topic `stage-stops`, read outside any consumer group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from roost.errors import NotFound
from roost.events.envelope import Record, record, tombstone
from roost.events.stage_stop import StageStop
from roost.kafka.incoming import newest_readable
from roost.kafka.ports import Producer, TopicReader
from roost.time.clock import Clock
from roost.topics import STAGE_STOPS


async def find_stops(reader: TopicReader) -> dict[str, StageStop]:
    """Return the current stops by stage. Raises Transient."""
    newest: dict[str, Any] = {}
    async for batch in reader.read_to_end(STAGE_STOPS):
        newest |= {fact.key: fact.event for fact in newest_readable(batch)}
    return {stage: stop for stage, stop in sorted(newest.items()) if stop is not None}


async def continue_stage(
    reader: TopicReader, sender: Producer, clock: Clock, stage: str
) -> StageStop:
    """Let a stage park the batch at which it stopped when it starts again; return the stop.

    Raises NotFound for a stage that has not stopped, and Transient.
    """
    stop = (await find_stops(reader)).get(stage)
    if stop is None:
        raise NotFound(
            f"Stage {stage} has not stopped at dead letters; `roost dead-letters list` shows "
            "the stages that have.",
            f"处理环节 {stage} 没有因死信停止。",
        )
    continued = stop.model_copy(update={"continued": True})
    await sender.publish([record(continued, stage, source="/streams/stage-stops", at=clock.now())])
    return continued


def stop_ended(stage: str, at: datetime) -> Record:
    """Return the tombstone that ends the stop of a stage."""
    return tombstone(STAGE_STOPS, stage, source="/streams/stage-stops", at=at)
