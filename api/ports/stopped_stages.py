"""Stages that have stopped at dead letters, followed from Kafka and shown as a metric.

A stopped stage has no process that could be scraped, and the index stage may be the one that has
stopped. So the API reports the stops, from the topic itself.
"""

from __future__ import annotations

from api.ports.topic_table import MemoryTable, TopicTable
from roost.events.stage_stop import StageStop
from roost.kafka.ports import TopicReader
from roost.metrics import STAGE_STOPPED
from roost.topics import STAGE_STOPS


def no_stops() -> MemoryTable[StageStop]:
    """Return a table that is never filled."""
    return MemoryTable(StageStop)


class StageStops(TopicTable[StageStop]):
    """The current stops by stage, kept current from Kafka."""

    def __init__(self, reader: TopicReader) -> None:
        super().__init__(reader, STAGE_STOPS, StageStop)

    def apply(self, key: bytes, value: bytes | None, offset: int) -> None:
        """Apply a record, and show it in the metric."""
        super().apply(key, value, offset)
        stage = key.decode("utf-8", "replace")
        STAGE_STOPPED.labels(stage).set(self.get(stage) is not None)
