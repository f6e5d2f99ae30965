"""Both runners and a bare loop side by side, on one broker in one run.

Two stages are measured: one that does nothing, so that the engine alone is seen, and one that
produces a record per record. In every round each way gets a process, a topic and a group to itself:
it consumes a backlog (records a second, processor time), then records that come one by one
(milliseconds from publication to commit). The ways take turns, so that a machine that slows down
slows all of them. Prints and writes `bench/results/runners.json`.

    python -m bench.runners --records 20000 --rounds 3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.runner_worker import BARE, OUTPUT, Run, bench_topic, published_value
from deploy.local.processes import Process
from deploy.local.stack import server_parts
from deploy.local.stack_ports import Ports
from producers.admin import declare_topics
from roost.settings import StageRunner

RESULTS = Path(__file__).parent / "results" / "runners.json"
WAYS = (StageRunner.FAUST.value, StageRunner.AIOKAFKA.value, BARE)
STAGES = {"idle": False, "producing": True}
SINGLE, SINGLE_GAP_S = 100, 0.02
PATIENCE_S = 120.0

Figures = Mapping[str, Any]


async def publish(servers: str, topic: str, count: int, gap_s: float = 0.0) -> None:
    """Publish records: all at once, or one by one with a gap."""
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        futures = []
        for number in range(count):
            key = f"o-{number}".encode()
            futures.append(await producer.send(topic, published_value(number), key=key))
            if gap_s:
                await asyncio.sleep(gap_s)
        await asyncio.gather(*futures)


def measure(run: Run) -> Figures:
    """Run one way to the end of both phases. Raises RuntimeError when it does not get there."""
    declare_topics(run.bootstrap_servers, [bench_topic(run.topic)])
    asyncio.run(publish(run.bootstrap_servers, run.topic, run.backlog))
    result = Path(run.result)
    with result.with_suffix(".log").open("ab") as log:
        command = [sys.executable, "-m", "bench.runner_worker", str(run)]
        worker = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(result.with_suffix(".backlog"), worker)
        asyncio.run(publish(run.bootstrap_servers, run.topic, run.single, SINGLE_GAP_S))
        _wait(result, worker)
        worker.wait(10)
    finally:
        worker.kill()
    figures: Figures = json.loads(result.read_text("utf-8"))
    return figures


def _wait(path: Path, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not path.exists():
        if worker.poll() not in (None, 0) or time.monotonic() > deadline:
            raise RuntimeError(f"{path} was not written; see the log next to it")
        time.sleep(0.05)


def summary(rounds: Sequence[Mapping[str, Figures]]) -> dict[str, Any]:
    """Return the medians of all rounds, and the ratios of the ways within each round."""
    ways: dict[str, Any] = {}
    for way in WAYS:
        waited = sorted(each for one in rounds for each in one[way]["waited_ms"])
        ways[way] = {
            "per_s": round(statistics.median(one[way]["per_s"] for one in rounds)),
            "cpu_us": round(statistics.median(one[way]["cpu_us"] for one in rounds), 1),
            "p50_ms": round(waited[len(waited) // 2], 1),
            "p99_ms": round(waited[int(len(waited) * 0.99)], 1),
        }
    ratios = {
        f"{way} to {other}": [round(one[way]["per_s"] / one[other]["per_s"], 2) for one in rounds]
        for way, other in (("aiokafka", "faust"), ("faust", BARE), ("aiokafka", BARE))
    }
    return {
        "ways": ways,
        "ratio": {name: statistics.median(each) for name, each in ratios.items()},
        "ratios": ratios,
    }


def bench(servers: str, folder: Path, records: int, rounds: int) -> dict[str, Any]:
    """Measure all ways on all stages, round by round."""
    declare_topics(servers, [bench_topic(OUTPUT)])
    found: dict[str, list[dict[str, Figures]]] = {stage: [] for stage in STAGES}
    for number in range(rounds):
        for stage, produces in STAGES.items():
            turns = WAYS[number % len(WAYS) :] + WAYS[: number % len(WAYS)]
            measured: dict[str, Figures] = {}
            for way in turns:
                name = f"bench-{stage}-{way}-{number}"
                run = Run(way, produces, servers, name, records, SINGLE, str(folder / name))
                measured[way] = measure(run)
                print(f"{name}: {measured[way]['per_s']:.0f} records a second", flush=True)
            found[stage].append(measured)
    return {"records": records, "rounds": rounds} | {
        stage: summary(each) for stage, each in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ports = Ports.free()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        kafka = next(part for part in server_parts(data, ports) if part.name == "kafka")
        process = Process(kafka, data)
        process.start()
        try:
            process.wait_ready()
            result = bench(f"127.0.0.1:{ports.kafka}", data, options.records, options.rounds)
        finally:
            process.stop()
    print(json.dumps(result, indent=2))
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
