"""Benchmark of the API: posting openings, and 500 clients on live events.

Posting compares the API with a bare endpoint that only produces to Kafka. Bodies, server and
publisher are the same. The API authenticates by key, looks the Idempotency-Key up and stores the
response. It checks the opening (fields, law, place) and responds when Kafka has it. The bare
endpoint forwards the body unchanged. The client is a plain socket, so that the servers dominate the
measurement. Rounds alternate, so that a slow machine slows both.

Live events: 500 connections to one process follow one station's queue. Matches are published to the
topic as the queue stage does, and each client's receipt of each match is timed.

The results are printed and written to `bench/results/api.json`.

    python -m bench.api_load --count 2000 --rounds 3 --clients 500
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bench.bare_api import TOPIC
from bench.measuring import answers, now, processor_ms, write_results
from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.child_environment import roost_environment
from deploy.local.processes import Part, Process
from deploy.local.stack import local_stack
from deploy.local.stack_ports import Ports
from deploy.up import api_part, prepare
from producers import identity_facts, simulator
from producers.admin import declare_topics
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole, Holder
from roost.events.envelope import record
from roost.events.match import Match, MatchState
from roost.logs import configure
from roost.settings import Settings
from roost.topics import STATIONS
from roost.views.elastic import Elastic, Write

CONNECTIONS = 32
MATCHES, PAUSE_S = 20, 0.5
OPENED_AT_ONCE = 50
WITHIN_S = 120
STATION = ids.station_id("bench")


@dataclass(frozen=True, slots=True)
class Round:
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Processor time of the server's process for one request."""


# --- posting


def requests(path: str, bodies: Sequence[bytes], headers: str, tag: str) -> list[bytes]:
    return [
        (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {tag}-{number}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        + body
        for number, body in enumerate(bodies)
    ]


async def posted(port: int, batch: Sequence[bytes]) -> list[float]:
    """Post all requests; return the seconds that each took. Raises RuntimeError unless accepted."""
    waiting, took = iter(batch), list[float]()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 202"):
                raise RuntimeError(f"{head!r} {body!r}")
            took.append(time.perf_counter() - began)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return took


def posting_round(process: Process, port: int, batch: Sequence[bytes]) -> Round:
    used = processor_ms([process])[process.part.name]
    began = time.perf_counter()
    took = sorted(asyncio.run(posted(port, batch)))
    per_s = len(batch) / (time.perf_counter() - began)
    cpu_ms = (processor_ms([process])[process.part.name] - used) / len(batch)
    return Round(per_s, 1000 * took[len(took) // 2], 1000 * took[int(len(took) * 0.99)], cpu_ms)


def bodies(count: int, start: int) -> list[bytes]:
    return [each.to_json() for each in simulator.openings(count, start=start)]


# --- live


class LiveClients:
    """Connections that follow one station's events, and the seconds that each match took."""

    def __init__(self, port: int, headers: str, clients: int) -> None:
        self.took: list[float] = []
        self.complete = asyncio.Event()
        self.published: dict[str, float] = {}
        """Time of publication by match, in seconds of the performance counter."""
        self._port = port
        self._request = (
            f"GET /v1/stations/{STATION}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n"
        ).encode()
        self._expected = clients * MATCHES
        self._opening = asyncio.Semaphore(OPENED_AT_ONCE)
        self._ready = asyncio.Semaphore(0)
        self._tasks = [asyncio.create_task(self._follow()) for _ in range(clients)]

    async def wait_ready(self) -> None:
        """Wait until every client has received its first event. Raises RuntimeError."""
        for _ in self._tasks:
            await self._ready.acquire()
        for task in self._tasks:
            if task.done():
                task.result()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def _read_until_ready(reader: asyncio.StreamReader) -> None:
        """Raise RuntimeError if the server refuses the stream."""
        head = line = await reader.readline()
        while not line.startswith(b"event: ready"):
            if not line:
                raise RuntimeError(f"The stream was refused: {head!r}")
            line = await reader.readline()

    async def _follow(self) -> None:
        async with self._opening:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
            writer.write(self._request)
            try:
                await self._read_until_ready(reader)
            finally:
                self._ready.release()
        try:
            while True:
                line = await reader.readline()
                if line.startswith(b"data: {"):
                    at = time.perf_counter()
                    self.took.append(at - self.published[json.loads(line[6:])["id"]])
                    if len(self.took) == self._expected:
                        self.complete.set()
        finally:
            writer.close()


async def watched(
    port: int, headers: str, clients: int, settings: Settings
) -> dict[str, float | int]:
    """Measure the time from the publication of each match to its receipt by each client."""
    live = LiveClients(port, headers, clients)
    await live.wait_ready()
    with Publisher(settings.bootstrap_servers) as connected:
        publisher = EventLoopPublisher(connected)
        for number in range(MATCHES):
            match = a_match(number)
            live.published[match.id] = time.perf_counter()
            await publisher.publish([record(match, match.id, source="/bench", at=now())])
            await asyncio.sleep(PAUSE_S)
    with suppress(TimeoutError):
        await asyncio.wait_for(live.complete.wait(), WITHIN_S)
    await live.close()
    took = sorted(live.took)
    return {
        "clients": clients,
        "matches": MATCHES,
        "received": len(took),
        "missed": clients * MATCHES - len(took),
        "p50_ms": round(1000 * took[len(took) // 2], 1),
        "p99_ms": round(1000 * took[int(len(took) * 0.99)], 1),
        "slowest_ms": round(1000 * took[-1], 1),
    }


def a_match(number: int) -> Match:
    opening, worker = ids.opening_id("bench", str(number)), ids.worker_id("bench", str(number))
    at = now()
    return Match(
        id=ids.match_id(opening, worker),
        opening_id=opening,
        worker_id=worker,
        station_id=STATION,
        state=MatchState.PROPOSED,
        revision=1,
        score=80.0,
        worker_side=0.8,
        employer_side=0.8,
        opening_version=1,
        profile_version=1,
        model="bench",
        proposed_at=at,
        changed_at=at,
        caused_at=at,
    )


async def put_station(settings: Settings) -> None:
    elastic = Elastic(settings.elasticsearch_url)
    fact = {"id": STATION, "identifier": "bench", "name": "bench"}
    document = {"id": STATION, "version": 1, "kind": "branch", "name": "bench", "fact": fact}
    try:
        await elastic.write([Write(STATIONS.name, STATION, 1, document)], refresh=True)
    finally:
        await elastic.close()


# --- both benchmarks


def measure(count: int, rounds: int, clients: int) -> dict[str, Any]:
    """Run both benchmarks on one stack; return the results."""
    with local_stack(ports=Ports.free()) as stack:
        one_key_for_all = {"live_streams_per_principal": clients}
        settings = settings_for(stack.data, stack.ports).model_copy(
            update=AT_ANY_HOUR | one_key_for_all
        )
        configure(logging.WARNING)
        prepare(settings)
        declare_topics(settings.bootstrap_servers, [TOPIC])
        holder = Holder(role=AccountRole.ADMIN)
        _, made, text = identity_facts.key_made(holder, "bench", (), at=now())
        with Publisher(settings.bootstrap_servers) as publisher:
            publisher.publish([made])
        asyncio.run(put_station(settings))
        headers = f"Authorization: Bearer {text}\r\n"
        ready_url = f"http://127.0.0.1:{settings.api_port}/health/ready"
        part = replace(api_part(settings), ready=lambda: answers(ready_url))
        api = Process(part, settings.data)
        bare_port = Ports.free().api
        bare = Process(bare_part(settings, bare_port), settings.data)
        try:
            for each in (api, bare):
                each.start()
                each.wait_ready()
            found = posting(api, bare, settings.api_port, bare_port, headers, count, rounds)
            live = asyncio.run(watched(settings.api_port, headers, clients, settings))
        finally:
            api.stop()
            bare.stop()
    return {"posting": found, "live": live}


def posting(
    api: Process, bare: Process, port: int, bare_port: int, headers: str, count: int, rounds: int
) -> dict[str, Any]:
    warm = bodies(300, 900_000)
    posting_round(api, port, requests("/v1/openings", warm, headers, "warm"))
    posting_round(bare, bare_port, requests("/openings", warm, headers, "warm"))
    ours, theirs = list[Round](), list[Round]()
    for number in range(rounds):
        posted_bodies = bodies(count, number * count)
        theirs.append(
            posting_round(
                bare, bare_port, requests("/openings", posted_bodies, headers, f"b{number}")
            )
        )
        ours.append(
            posting_round(api, port, requests("/v1/openings", posted_bodies, headers, f"a{number}"))
        )
    ratios = [mine.per_s / yours.per_s for mine, yours in zip(ours, theirs, strict=True)]
    cpu = [yours.cpu_ms / mine.cpu_ms for mine, yours in zip(ours, theirs, strict=True)]
    return {
        "requests_a_round": count,
        "connections": CONNECTIONS,
        "api": medians(ours),
        "bare": medians(theirs),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(each, 3) for each in ratios],
        "ratio_of_processor_time": round(statistics.median(cpu), 3),
    }


def medians(rounds: Sequence[Round]) -> dict[str, float]:
    """Return the median of every measure over the rounds."""
    names = ("per_s", "p50_ms", "p99_ms", "cpu_ms")
    return {
        name: round(statistics.median(getattr(each, name) for each in rounds), 2) for name in names
    }


def bare_part(settings: Settings, port: int) -> Part:
    return Part(
        name="bare-api",
        command=(sys.executable, "-m", "bench.bare_api", settings.bootstrap_servers, str(port)),
        ready=lambda: answers(f"http://127.0.0.1:{port}/openapi.json"),
        inherit=roost_environment,
        port=port,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=500)
    chosen = parser.parse_args()
    found = measure(chosen.count, chosen.rounds, chosen.clients)
    write_results("api", found)


if __name__ == "__main__":
    main()
