"""The pipeline beside a bare loop, in one run on one stack.

The bare loop does for every opening what no system can do without: consume it, ask Elasticsearch
once (the same hybrid query on the same profiles), produce one record. The pipeline does all of it:
index, match, queue, notify, deliver, until the last delivery is recorded. Rounds alternate, so that
a machine that slows down slows both. Prints and writes `bench/results/pipeline.json`.

    python -m bench.pipeline --profiles 10000 --openings 300 --rounds 3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka import KafkaAdminClient

from deploy.local.processes import Process
from deploy.local.stack import local_stack
from deploy.up import prepare, settings_for, stage_parts
from matcher import queries
from matcher.features import of_opening, opening_text
from matcher.similarity import hexadecimal, load_or_train
from producers import facts, simulator
from producers.admin import backlogs
from producers.publisher import Publisher
from roost.events.envelope import Record, decode
from roost.events.opening import Opening
from roost.places import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.app import READS, group_of, model_path

GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
RESULTS = Path(__file__).parent / "results" / "pipeline.json"
LIGHT = 40


@dataclass(frozen=True, slots=True)
class Round:
    bare_per_s: float
    pipeline_per_s: float

    @property
    def ratio(self) -> float:
        return self.pipeline_per_s / self.bare_per_s


def now() -> datetime:
    return datetime.now(UTC)


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
    """Returns when every stage has committed everything."""
    while any(each.lag for each in backlogs(settings.bootstrap_servers, GROUPS)):
        time.sleep(0.05)  # between two looks at the broker


def pipeline(settings: Settings, publisher: Publisher, count: int, start: int) -> float:
    began = time.perf_counter()
    publisher.publish(opening_records(count, start))
    settle(settings)
    return count / (time.perf_counter() - began)


async def bare(settings: Settings, records: list[Record]) -> float:
    """Consume, one query, produce; one after the other, as the simplest program would."""
    model, places, elastic = (
        load_or_train(model_path(settings)),
        gazetteer(),
        Elastic(settings.elasticsearch_url),
    )
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers, acks="all")
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap_servers)
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
            body = queries.workers_for(features, now().date(), 60)
            page = await elastic.search("profiles", body)
            out = json.dumps([hit.id for hit in page.hits]).encode()
            await producer.send_and_wait("bench-out", out)
        return len(records) / (time.perf_counter() - began)
    finally:
        await consumer.stop()
        await producer.stop()
        await elastic.close()


async def waits(settings: Settings, mark: datetime) -> list[int]:
    """Milliseconds from posting to telling of all that was sent since `mark`."""
    elastic = Elastic(settings.elasticsearch_url)
    try:
        await elastic.refresh("deliveries")
        return [
            document["posted_to_told_ms"]
            async for _, _, document in elastic.scan("deliveries")
            if document["status"] == "sent" and datetime.fromisoformat(document["at"]) >= mark
        ]
    finally:
        await elastic.close()


def light_load(settings: Settings, publisher: Publisher) -> list[int]:
    """One opening at a time, two a second."""
    mark = now()
    for number in range(LIGHT):
        publisher.publish(opening_records(1, 900_000 + number))
        time.sleep(0.5)  # the load is two a second
    settle(settings)
    return asyncio.run(waits(settings, mark))


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    with local_stack() as stack:
        settings = settings_for(stack.data, stack.ports)
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
        rounds = []
        with Publisher(settings.bootstrap_servers) as publisher:
            publish_profiles(publisher, arguments.profiles)
            settle(settings)
            count = arguments.openings
            pipeline(settings, publisher, count, 500_000)  # warm-up, not counted
            asyncio.run(bare(settings, opening_records(count, 500_000)))
            for number in range(arguments.rounds):
                start = number * count
                records = opening_records(count, 700_000 + start)
                made = Round(
                    asyncio.run(bare(settings, records)),
                    pipeline(settings, publisher, count, start),
                )
                rounds.append(made)
                print(
                    f"round {number + 1}: bare {made.bare_per_s:.1f}/s, "
                    f"pipeline {made.pipeline_per_s:.1f}/s, ratio {made.ratio:.2f}",
                    flush=True,
                )
            light = light_load(settings, publisher)
        for process in processes:
            process.stop()
    cuts = statistics.quantiles(light, n=100, method="inclusive")
    return {
        "profiles": arguments.profiles,
        "openings_a_round": arguments.openings,
        "bare_per_s": round(statistics.median(each.bare_per_s for each in rounds), 1),
        "pipeline_per_s": round(statistics.median(each.pipeline_per_s for each in rounds), 1),
        "ratio": round(statistics.median(each.ratio for each in rounds), 3),
        "posted_to_told_ms": {"p50": cuts[49], "p99": cuts[98], "messages": len(light)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--openings", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    found = measure(parser.parse_args())
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
