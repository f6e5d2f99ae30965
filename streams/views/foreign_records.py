"""The records of a topic whose view is written by one stage, but which others publish as well.

A stage that writes a view when it publishes sees its own records only. Others come from the API
(codes for addresses), from `roost dead-letters retry`, or from a partner. A rebuild replays them
all. So the next stage, which reads the whole topic, writes the others into the view, and the view
is the same whether it grew or was rebuilt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roost.kafka.incoming import Fact
from roost.topics import Topic
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.views.projections import Projection


class ForeignRecords:
    """Writes the records of a topic into its view that its own stage, `source`, did not publish."""

    def __init__(self, elastic: Elastic, topic: Topic, source: str, project: Projection) -> None:
        self._elastic = elastic
        self._topic = topic
        self._source = source
        self._project = project

    async def write(self, facts: Sequence[Fact[Any]]) -> None:
        """Write the foreign ones of a batch. Raises ValueError if the view refuses a document."""
        foreign = [
            fact
            for fact in facts
            if fact.origin.topic is self._topic and fact.origin.source != self._source
        ]
        if not foreign:
            return
        writes = self._project(foreign)
        refusals = await retry_transient(
            f"{self._topic.name}.foreign", lambda: self._elastic.write(writes)
        )
        if refusals:
            raise ValueError(
                f"The view {self._topic.name} refuses {len(refusals)} documents: "
                f"{refusals[0].reason}"
            )
