"""Benchmark of the pipeline: all stages and a bare loop, in one run on one stack.

The bare loop is the simplest program: consume an opening, send one query to Elasticsearch, produce
one record. The query is the same hybrid search on the same profiles, and returns the candidates'
features, without which nothing can be decided. A second bare loop requests the ids only and shows
the floor. The pipeline does everything: index, match, queue, notify, deliver, until the last
delivery is recorded. Rounds alternate, so that a slow machine slows all. The results are printed
and written to `bench/results/pipeline.json`.

    python -m bench.pipeline --profiles 10000 --openings 300 --rounds 3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka import KafkaAdminClient

from bench.measuring import now, processor_ms, write_results
from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Process
from deploy.local.stack import local_stack
from deploy.up import prepare, stage_parts
from matcher import queries
from matcher.features import of_opening, opening_text
from matcher.similarity import hexadecimal
from producers import facts, simulator
from producers.admin import Backlog, all_done, backlogs
from producers.publisher import Publisher
from roost.events.envelope import Record, decode
from roost.events.opening import Opening
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic, Json
from streams.stages import READS, group_of
from streams.views.model_files import installed_model

GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
LIGHT = 40
IDS: Json = {"docvalue_fields": ["id"]}
"""Change to the query of a bare loop, so that it returns ids only."""
WHOLE: Json = {}
"""No change: the query returns the features."""


@dataclass(frozen=True, slots=True)
class Round:
    bare_per_s: float
    ids_only_per_s: float
    """The bare loop with ids only."""
    pipeline_per_s: float
    cpu_ms: Mapping[str, float]
    """Processor time of every part for one opening in the pipeline."""

    @property
    def ratio(self) -> float:
        return self.pipeline_per_s / self.bare_per_s


def opening_records(count: int, start: int) -> list[Record]:
    return [
        facts.opening_posted(each, at=now(), today=now().date(), source="bench")[1]
        for each in simulator.openings(count, start=start)
    ]


def publish_profiles(publisher: Publisher, count: int) -> None:
    people = simulator.profiles(count)
    while chunk := list(islice(people, 1_000)):
        publisher.publish([facts.profile_put(each, at=now(), source="bench")[1] for each in chunk])


def settle(settings: Settings) -> None:
    """Wait until every stage has committed everything."""
    before: list[Backlog] = []
    while not all_done(before, found := backlogs(settings.bootstrap_servers, GROUPS)):
        before = found
        time.sleep(0.25)  # polling costs processor time too


def pipeline(settings: Settings, publisher: Publisher, count: int, start: int) -> float:
    """Return openings a second, from the first publication to the last recorded delivery."""
    began = now()
    publisher.publish(opening_records(count, start))
    settle(settings)
    return count / (max(asyncio.run(sent_since(settings, began))).at - began).total_seconds()


def measured_round(
    settings: Settings, publisher: Publisher, processes: Sequence[Process], count: int, start: int
) -> Round:
    bare_per_s = asyncio.run(bare(settings, opening_records(count, 700_000 + start), WHOLE))
    ids_only_per_s = asyncio.run(bare(settings, opening_records(count, 800_000 + start), IDS))
    before = processor_ms(processes)
    pipeline_per_s = pipeline(settings, publisher, count, start)
    after = processor_ms(processes)
    return Round(
        bare_per_s,
        ids_only_per_s,
        pipeline_per_s,
        {name: round((after[name] - used) / count, 1) for name, used in before.items()},
    )


async def bare(settings: Settings, records: list[Record], answer: Json) -> float:
    """Return openings a second of the bare loop: consume, one query, produce, in sequence."""
    model, places, elastic = (
        installed_model(settings),
        gazetteer(),
        Elastic(settings.elasticsearch_url),
    )
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers, acks="all")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, isolation_level="read_committed"
    )
    await producer.start()
    await consumer.start()
    partition = TopicPartition("bench-in", 0)
    consumer.assign([partition])
    await consumer.seek_to_end(partition)
    await consumer.position(partition)
    try:
        for record in records:
            await producer.send_and_wait("bench-in", record.value)
        began = time.perf_counter()
        for _ in records:
            message = await consumer.getone()
            opening = decode(Opening, message.value)
            (vector,) = hexadecimal(model.embed([opening_text(opening)]))
            features = of_opening(opening, 1, vector, model, places)
            body = queries.workers_for(features, now().date(), 60) | answer
            page = await elastic.search("profiles", body)
            out = json.dumps([hit.id for hit in page.hits]).encode()
            await producer.send_and_wait("bench-out", out)
        return len(records) / (time.perf_counter() - began)
    finally:
        await consumer.stop()
        await producer.stop()
        await elastic.close()


@dataclass(frozen=True, slots=True, order=True)
class SentMessage:
    """A sent message: its time, and its delay after the cause was posted."""

    at: datetime
    waited_ms: int


async def sent_since(settings: Settings, mark: datetime) -> list[SentMessage]:
    elastic = Elastic(settings.elasticsearch_url)
    try:
        await elastic.refresh("deliveries")
        sent = [
            SentMessage(datetime.fromisoformat(document["at"]), document["posted_to_told_ms"])
            async for _, _, document in elastic.scan("deliveries")
            if document["status"] == "sent"
        ]
    finally:
        await elastic.close()
    return [each for each in sent if each.at >= mark]


def light_load(settings: Settings, publisher: Publisher) -> list[int]:
    """Return the delays of openings posted one at a time, two a second."""
    mark = now()
    for number in range(LIGHT):
        publisher.publish(opening_records(1, 900_000 + number))
        time.sleep(0.5)  # the load is two a second
    settle(settings)
    return [each.waited_ms for each in asyncio.run(sent_since(settings, mark))]


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    with local_stack() as stack:
        settings = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
        prepare(settings)
        admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
        spare = {"num_partitions": 1, "replication_factor": 1}
        admin.create_topics({"bench-in": spare, "bench-out": spare})
        admin.close()
        processes = [Process(part, stack.data) for part in stage_parts(settings)]
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready()
        parts = [*stack.processes.values(), *processes]
        with Publisher(settings.bootstrap_servers) as publisher:
            publish_profiles(publisher, arguments.profiles)
            settle(settings)
            count = arguments.openings
            pipeline(settings, publisher, count, 500_000)  # warm-up, not counted
            asyncio.run(bare(settings, opening_records(count, 600_000), WHOLE))
            rounds = [
                shown_round(number, measured_round(settings, publisher, parts, count, start))
                for number, start in enumerate(range(0, arguments.rounds * count, count), start=1)
            ]
            light = light_load(settings, publisher)
        for process in processes:
            process.stop()
    return summary(arguments, rounds, light)


def shown_round(number: int, result: Round) -> Round:
    """Print one round and return it."""
    print(
        f"round {number}: bare {result.bare_per_s:.1f}/s (ids alone {result.ids_only_per_s:.1f}/s),"
        f" pipeline {result.pipeline_per_s:.1f}/s, ratio {result.ratio:.2f},"
        f" cpu ms an opening: {result.cpu_ms}",
        flush=True,
    )
    return result


def summary(
    arguments: argparse.Namespace, rounds: Sequence[Round], light: Sequence[int]
) -> dict[str, object]:
    """Return the medians over the rounds, and the delays under light load in milliseconds."""
    cuts = statistics.quantiles(light, n=100, method="inclusive")
    return {
        "profiles": arguments.profiles,
        "openings_a_round": arguments.openings,
        "bare_per_s": round(statistics.median(each.bare_per_s for each in rounds), 1),
        "bare_ids_only_per_s": round(statistics.median(each.ids_only_per_s for each in rounds), 1),
        "pipeline_per_s": round(statistics.median(each.pipeline_per_s for each in rounds), 1),
        "ratio": round(statistics.median(each.ratio for each in rounds), 3),
        "ratio_to_ids_only": round(
            statistics.median(each.pipeline_per_s / each.ids_only_per_s for each in rounds), 3
        ),
        "cpu_ms_an_opening": rounds[-1].cpu_ms,
        "posted_to_told_ms": {"p50": cuts[49], "p99": cuts[98], "messages": len(light)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--openings", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    found = measure(parser.parse_args())
    write_results("pipeline", found)


if __name__ == "__main__":
    main()
