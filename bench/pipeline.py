"""Benchmark of the pipeline: all stages and an expert's loop, in turns on one stack.

The expert's loop (`bench.expert_loop`) searches in batches, two in flight, and writes as many
records and documents as the pipeline. The pipeline does everything: index, match, queue, notify,
deliver, until the last delivery is recorded. Rounds alternate, so that a slow machine slows both.
Processor time is that of all processes, servers included; the expert's is that of its servers
alone. The operations of Elasticsearch for an opening are counted by view. The results are printed
and written to `bench/results/pipeline.json`, those of other than 10,000 profiles to a file that
names their number.

    python -m bench.pipeline --profiles 10000 --openings 300 --rounds 3
    python -m bench.pipeline --profiles 100000 --compiler full
    ROOST_STAGE_PROCESSES=each python -m bench.pipeline
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import statistics
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from kafka import KafkaAdminClient

from bench import expert_loop
from bench.expert_loop import Output
from bench.measuring import add_compiler, load, now, processor_ms, write_results
from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Process
from deploy.local.stack import local_stack
from deploy.local.stack_ports import Ports
from deploy.up import chosen_stage_parts, prepare
from matcher.similarity import SimilarityModel
from producers import facts, simulator
from producers.admin import Backlog, all_done, backlogs, end_offsets
from producers.publisher import Publisher
from roost.events.envelope import Record
from roost.logs import configure
from roost.settings import Settings
from roost.views.elastic import Elastic
from roost.views.mappings import view_of_index
from streams.stages import READS, WRITES, group_of
from streams.views.model_files import installed_model

WRITTEN = {topic for topics in WRITES.values() for topic in topics}
GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
USUAL_PROFILES = 10_000
SERVERS = ("kafka", "elasticsearch")
LIGHT = 40
COUNTED = {
    "gets": ("get", "total"),
    "searches": ("search", "query_total"),
    "index operations": ("indexing", "index_total"),
    "refreshes": ("refresh", "external_total"),
}
"""Operations of Elasticsearch that are counted, as its statistics name them."""
REQUESTS = re.compile(r'^roost_elasticsearch_requests_total\{kind="(\w+)"\} (\S+)$', re.MULTILINE)
LEAST_SHOWN = 0.05
"""Operations for an opening that are rarer than this are left out."""


@dataclass(frozen=True, slots=True)
class Round:
    expert_per_s: float
    pipeline_per_s: float
    expert_cpu_ms: Mapping[str, float]
    """Processor time of the servers for one opening of the expert's loop."""
    cpu_ms: Mapping[str, float]
    """Processor time of every part for one opening in the pipeline."""
    operations: Mapping[str, float]
    """Operations of Elasticsearch for one opening in the pipeline, as `view kind`."""
    requests: Mapping[str, float]
    """Requests of the stages to Elasticsearch for one opening in the pipeline, by kind."""
    output: Mapping[str, float]
    """Documents for one opening in the pipeline, by view."""
    records: Mapping[str, float]
    """Records for one opening in the pipeline, by topic: more than one of `searchable` and
    `proposals` come from matching again."""

    @property
    def ratio(self) -> float:
        return self.pipeline_per_s / self.expert_per_s


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
    settings: Settings,
    publisher: Publisher,
    model: SimilarityModel,
    processes: Sequence[Process],
    count: int,
    start: int,
    output: Output,
) -> Round:
    records = opening_records(count, 700_000 + start)
    idle = processor_ms(processes)
    expert_per_s = asyncio.run(expert_loop.run_expert(settings, model, records, output))
    expert_cpu = used_since(idle, processor_ms(processes), count)
    documents, operations = asyncio.run(documents_now(settings)), operations_now(settings)
    records_before, requests = records_now(settings), requests_now(processes)
    before = processor_ms(processes)
    pipeline_per_s = pipeline(settings, publisher, count, start)
    after = processor_ms(processes)
    operations = added(operations, operations_now(settings), count)
    return Round(
        expert_per_s,
        pipeline_per_s,
        {name: used for name, used in expert_cpu.items() if name in SERVERS},
        used_since(before, after, count),
        {name: number for name, number in operations.items() if number >= LEAST_SHOWN},
        added(requests, requests_now(processes), count),
        added(documents, asyncio.run(documents_now(settings)), count),
        added(records_before, records_now(settings), count),
    )


def used_since(
    before: Mapping[str, float], after: Mapping[str, float], count: int
) -> dict[str, float]:
    """Return the processor time of each part for one of `count` openings, in milliseconds."""
    return {name: round((after[name] - used) / count, 1) for name, used in before.items()}


def requests_now(processes: Sequence[Process]) -> dict[str, float]:
    """Return the stages' requests to Elasticsearch so far, by kind."""
    found: dict[str, float] = {}
    for process in processes:
        if (port := int(process.part.environment.get("ROOST_METRICS_PORT", 0))) == 0:
            continue
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            lines = answer.read().decode()
        for kind, number in REQUESTS.findall(lines):
            found[kind] = found.get(kind, 0) + float(number)
    return found


def records_now(settings: Settings) -> dict[str, float]:
    """Return the numbers of records so far in the topics that stages write."""
    ends = end_offsets(settings.bootstrap_servers, sorted(WRITTEN, key=lambda each: each.name))
    return {name: float(sum(offsets.values())) for name, offsets in ends.items()}


def added(before: Mapping[str, float], after: Mapping[str, float], count: int) -> dict[str, float]:
    """Return the growth of each number for one of `count` openings."""
    return {name: round((after[name] - before.get(name, 0)) / count, 2) for name in sorted(after)}


def operations_now(settings: Settings) -> dict[str, float]:
    """Return the operations of Elasticsearch so far, by view and kind, and their milliseconds."""
    with urllib.request.urlopen(f"{settings.elasticsearch_url}/_stats", timeout=30) as answer:
        indices = json.load(answer)["indices"]
    found: dict[str, float] = {}
    for index, each in indices.items():
        view = view_of_index(index) or index
        for kind, (group, number) in COUNTED.items():
            found[f"{view} {kind}"] = found.get(f"{view} {kind}", 0) + each["total"][group][number]
    return found


async def documents_now(settings: Settings) -> dict[str, float]:
    """Return the numbers of documents of the views that an opening leads to."""
    elastic = Elastic(settings.elasticsearch_url)
    try:
        await elastic.refresh(*expert_loop.WRITTEN)
        return {view: float(await elastic.count(view)) for view in expert_loop.WRITTEN}
    finally:
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
    before = load()
    with local_stack(compiler=arguments.compiler) as stack:
        spare_port = {"metrics_port": Ports.free().api}
        settings = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR | spare_port)
        configure(logging.WARNING)
        prepare(settings)
        admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
        spare = {"num_partitions": 1, "replication_factor": 1}
        admin.create_topics({expert_loop.TOPIC_IN: spare, expert_loop.TOPIC_OUT: spare})
        admin.close()
        asyncio.run(expert_loop.create_indices(settings))
        processes = [Process(part, stack.data) for part in chosen_stage_parts(settings)]
        for process in processes:
            process.start()
        for process in processes:
            process.wait_ready()
        with Publisher(settings.bootstrap_servers) as publisher:
            publish_profiles(publisher, arguments.profiles)
            settle(settings)
            parts = [*stack.processes.values(), *processes]
            rounds = measured_rounds(settings, publisher, parts, arguments)
            light = light_load(settings, publisher)
        for process in processes:
            process.stop()
    return summary(arguments, rounds, light, before)


def measured_rounds(
    settings: Settings,
    publisher: Publisher,
    parts: Sequence[Process],
    arguments: argparse.Namespace,
) -> list[Round]:
    """Warm both sides up, then measure the rounds."""
    count, model = arguments.openings, installed_model(settings)
    before = asyncio.run(documents_now(settings))
    pipeline(settings, publisher, count, 500_000)  # warm-up, not counted
    each = added(before, asyncio.run(documents_now(settings)), count)
    output = asyncio.run(expert_loop.sampled(settings, each))
    warm_up = opening_records(count, 600_000)
    asyncio.run(expert_loop.run_expert(settings, model, warm_up, output))
    return [
        shown_round(number, measured_round(settings, publisher, model, parts, count, start, output))
        for number, start in enumerate(range(0, arguments.rounds * count, count), start=1)
    ]


def shown_round(number: int, result: Round) -> Round:
    """Print one round and return it."""
    print(
        f"round {number}: expert {result.expert_per_s:.1f}/s, pipeline "
        f"{result.pipeline_per_s:.1f}/s, ratio {result.ratio:.2f}, "
        f"cpu ms an opening: {sum(result.cpu_ms.values()):.1f} {result.cpu_ms}, "
        f"of the expert's servers {result.expert_cpu_ms}\n"
        f"  written: {result.output}\n  records: {result.records}\n"
        f"  operations: {result.operations}\n  requests: {result.requests}",
        flush=True,
    )
    return result


def summary(
    arguments: argparse.Namespace, rounds: Sequence[Round], light: Sequence[int], before: float
) -> dict[str, object]:
    """Return the medians over the rounds, and the delays under light load in milliseconds."""
    cuts = statistics.quantiles(light, n=100, method="inclusive")
    totals = [sum(each.cpu_ms.values()) for each in rounds]
    return {
        "profiles": arguments.profiles,
        "openings_a_round": arguments.openings,
        "compiler": arguments.compiler.value,
        "load_before": before,
        "load_after": load(),
        "expert_per_s": round(statistics.median(each.expert_per_s for each in rounds), 1),
        "pipeline_per_s": round(statistics.median(each.pipeline_per_s for each in rounds), 1),
        "ratio": round(statistics.median(each.ratio for each in rounds), 3),
        "cpu_ms_an_opening_in_all": round(statistics.median(totals), 1),
        "cpu_ms_an_opening": rounds[-1].cpu_ms,
        "expert_servers_cpu_ms_an_opening": rounds[-1].expert_cpu_ms,
        "documents_an_opening": rounds[-1].output,
        "records_an_opening": rounds[-1].records,
        "operations_an_opening": rounds[-1].operations,
        "requests_an_opening": rounds[-1].requests,
        "posted_to_told_ms": {"p50": cuts[49], "p99": cuts[98], "messages": len(light)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=USUAL_PROFILES)
    parser.add_argument("--openings", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    add_compiler(parser)
    arguments = parser.parse_args()
    found = measure(arguments)
    usual = arguments.profiles == USUAL_PROFILES
    write_results("pipeline" if usual else f"pipeline-{arguments.profiles}", found)


if __name__ == "__main__":
    main()
