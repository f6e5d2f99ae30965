"""The loop that an expert would write in place of the pipeline, with the same load on the servers.

Openings are consumed in batches of 32, two in flight. Each batch is embedded together and searched
by one msearch: the pipeline's own searches, with the same columns. Then the expert produces as many
match, notification and delivery records as the pipeline does for an opening, and writes as many
documents in bulk, copies of the pipeline's own documents under new ids, into indices of the same
mappings. Offsets are committed after both are acknowledged.

It decides nothing: no limits, no scores, no recipients, no second look, no claims. So it is the
bound of what the servers and the encoder permit, not a rival.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from bench.measuring import now
from matcher import queries
from matcher.features import of_opening, opening_texts
from matcher.similarity import SimilarityModel
from roost.events.envelope import Record, decode
from roost.events.opening import Opening
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic, Json, Write
from roost.views.mappings import index_body

BATCH = 32
IN_FLIGHT = 2
SEARCH_SIZE = 60
TOPIC_IN, TOPIC_OUT = "bench-in", "bench-out"
WRITTEN = ("matches", "notifications", "deliveries")
"""The views whose documents, and the topics whose records, an opening leads to."""
SAMPLES = 500
"""Documents of each view that are copied in turn."""


@dataclass(frozen=True, slots=True)
class Output:
    """The mean output of the pipeline for one opening, and documents to copy, by view."""

    per_opening: Mapping[str, float]
    samples: Mapping[str, Sequence[Json]]


async def create_indices(settings: Settings) -> None:
    """Create the indices that the expert writes, with the mappings of the views."""
    elastic = Elastic(settings.elasticsearch_url)
    try:
        for view in WRITTEN:
            await elastic.create_index(_index(view), index_body(view))
    finally:
        await elastic.close()


async def sampled(settings: Settings, per_opening: Mapping[str, float]) -> Output:
    """Return the output to imitate, with documents of the views as they are now."""
    elastic = Elastic(settings.elasticsearch_url)
    samples: dict[str, list[Json]] = {}
    try:
        for view in WRITTEN:
            await elastic.refresh(view)
            body: Json = {"size": SAMPLES, "query": {"match_all": {}}}
            found = (await elastic.search(view, body)).hits
            samples[view] = [hit.source for hit in found if not hit.source.get("erased")]
    finally:
        await elastic.close()
    return Output(per_opening, samples)


async def run_expert(
    settings: Settings, model: SimilarityModel, records: Sequence[Record], output: Output
) -> float:
    """Return openings a second, from the first batch to the last acknowledged write."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, acks="all", enable_idempotence=True
    )
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        group_id="bench-expert",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    elastic = Elastic(settings.elasticsearch_url)
    await producer.start()
    partition = TopicPartition(TOPIC_IN, 0)
    consumer.assign([partition])
    await consumer.start()
    await consumer.seek_to_end(partition)
    await consumer.position(partition)
    expert = _Expert(model, elastic, producer, output)
    try:
        for record in records:
            await producer.send(TOPIC_IN, record.value)
        await producer.flush()
        began = time.perf_counter()
        await _consume(consumer, partition, expert, len(records))
        return len(records) / (time.perf_counter() - began)
    finally:
        await consumer.stop()
        await producer.stop()
        await elastic.close()


async def _consume(
    consumer: AIOKafkaConsumer, partition: TopicPartition, expert: _Expert, count: int
) -> None:
    """Handle `count` openings in batches, `IN_FLIGHT` at a time; commit in their order."""
    in_flight: list[tuple[asyncio.Task[None], int]] = []
    taken = 0
    while taken < count or in_flight:
        if taken < count and len(in_flight) < IN_FLIGHT:
            found = await consumer.getmany(partition, timeout_ms=1_000, max_records=BATCH)
            messages = found.get(partition, [])
            if messages:
                values = [each.value for each in messages]
                task = asyncio.create_task(expert.handle(values))
                in_flight.append((task, messages[-1].offset + 1))
                taken += len(messages)
            continue
        task, offset = in_flight.pop(0)
        await task
        await consumer.commit({partition: OffsetAndMetadata(offset, "")})


class _Expert:
    def __init__(
        self, model: SimilarityModel, elastic: Elastic, producer: AIOKafkaProducer, output: Output
    ) -> None:
        self._model = model
        self._elastic = elastic
        self._producer = producer
        self._places = gazetteer()
        self._output = output
        self._made = dict.fromkeys(WRITTEN, 0.0)
        self._copies = {view: itertools.cycle(output.samples[view]) for view in WRITTEN}
        self._started = time.time_ns()
        self._numbers = itertools.count()

    async def handle(self, values: Sequence[bytes]) -> None:
        """Search for a batch of openings, and write what they lead to."""
        bodies = await asyncio.to_thread(self._searches, values)
        await self._elastic.msearch([("profiles", body) for body in bodies])
        documents = {view: self._documents(view, len(values)) for view in WRITTEN}
        facts = [
            orjson.dumps(each.get("fact", each)) for found in documents.values() for each in found
        ]
        sends = [await self._producer.send(TOPIC_OUT, value) for value in facts]
        writes = [
            Write(_index(view), each["id"], 1, each)
            for view, found in documents.items()
            for each in found
        ]
        refusals, *_ = await asyncio.gather(self._elastic.write(writes), *sends)
        if refusals:
            raise ValueError(f"A document is refused: {refusals[0].reason}")

    def _searches(self, values: Sequence[bytes]) -> list[Json]:
        openings = [decode(Opening, value) for value in values]
        self._model.embed([text for each in openings for text in opening_texts(each)])  # together
        today = now().date()
        return [
            queries.workers_for(
                of_opening(opening, 1, self._model, self._places), today, SEARCH_SIZE
            )
            for opening in openings
        ]

    def _documents(self, view: str, openings: int) -> list[Json]:
        """Return copies under new ids, as many as the pipeline writes for `openings` openings."""
        if not self._output.samples[view]:
            return []
        due = self._made[view] + openings * self._output.per_opening[view]
        self._made[view] = due % 1
        return [
            next(self._copies[view]) | {"id": f"x-{self._started}-{next(self._numbers)}"}
            for _ in range(int(due))
        ]


def _index(view: str) -> str:
    return f"bench-{view}"
