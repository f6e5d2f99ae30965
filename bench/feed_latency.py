"""Benchmark of the change feed: an employer follows changes while openings and matches arrive.

While 32 connections post 200 openings and 700 matches of the employer are published, a subscriber
with the employer's key follows `/v1/changes/events`. The time of each match is that from its
publication to its receipt. The rival is a bare consumer of the same topic, in the same run: it
checks no access, masks no field and seals no cursor.

The results are printed and written to `bench/results/change_feed.json`.

    python -m bench.feed_latency --posts 200 --matches 700
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
from httpx_sse import aconnect_sse

from bench.api_load import a_match, bodies, posted, requests
from bench.measuring import answers, now, write_results
from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Process
from deploy.local.stack import local_stack
from deploy.local.stack_ports import Ports
from deploy.up import api_part, prepare
from producers import identity_facts
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.events.account import AccountRole, Holder
from roost.events.envelope import record
from roost.events.match import Match
from roost.kafka.ports import Start
from roost.kafka.reader import KafkaReader
from roost.logs import configure
from roost.settings import Settings
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Elastic, Write

EMPLOYER = "bench"
AT_ONCE = 50
"""Matches published together; then a pause, as the queue stage's batches make one."""
PAUSE_S = 0.2
WITHIN_S = 120


class Receipts:
    """Seconds from the publication of each match to its receipt by one reader."""

    def __init__(self, expected: int) -> None:
        self.published: dict[str, float] = {}
        self.took: dict[str, float] = {}
        self.complete = asyncio.Event()
        self._expected = expected

    def take(self, id: str) -> None:
        if id in self.published and id not in self.took:
            self.took[id] = time.perf_counter() - self.published[id]
            if len(self.took) == self._expected:
                self.complete.set()

    def figures(self) -> dict[str, float | int]:
        took = sorted(self.took.values())
        return {
            "received": len(took),
            "missed": self._expected - len(took),
            "p50_ms": round(1000 * took[len(took) // 2], 1),
            "p95_ms": round(1000 * took[int(len(took) * 0.95)], 1),
            "slowest_ms": round(1000 * took[-1], 1),
        }


async def follow_feed(url: str, key: str, receipts: Receipts, ready: asyncio.Event) -> None:
    """Follow the change feed as the employer."""
    headers = {"authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http,
        aconnect_sse(http, "GET", "/v1/changes/events", params={"types": "match"}) as source,
    ):
        async for event in source.aiter_sse():
            if event.event == "ready":
                ready.set()
            elif event.event == "change":
                receipts.take(json.loads(event.data)["id"])


async def follow_bare(servers: str, receipts: Receipts, ready: asyncio.Event) -> None:
    """Follow the topic itself."""
    async for batch in KafkaReader(servers).follow([MATCHES], Start.END, linger_s=0.0):
        ready.set()
        for incoming in batch.records:
            receipts.take((incoming.key or b"").decode())


async def publish_matches(matches: Sequence[Match], servers: str, both: Sequence[Receipts]) -> None:
    """Publish the matches in batches."""
    with Publisher(servers) as connected:
        publisher = EventLoopPublisher(connected)
        for start in range(0, len(matches), AT_ONCE):
            batch = matches[start : start + AT_ONCE]
            at = time.perf_counter()
            for match in batch:
                for receipts in both:
                    receipts.published[match.id] = at
            records = [record(each, each.id, source="/bench", at=now()) for each in batch]
            await publisher.publish(records)
            await asyncio.sleep(PAUSE_S)


async def put_openings(settings: Settings, matches: Sequence[Match]) -> None:
    """Write the openings of the matches to the view, as the employer's."""
    elastic = Elastic(settings.elasticsearch_url)
    ids = sorted({each.opening_id for each in matches})
    writes = [
        Write(OPENINGS.name, id, 1, {"id": id, "version": 1, "employer_id": EMPLOYER, "fact": {}})
        for id in ids
    ]
    try:
        await elastic.write(writes, refresh=True)
    finally:
        await elastic.close()


async def run(
    settings: Settings, admin: str, employer: str, posts: int, count: int
) -> dict[str, Any]:
    """Post and publish while both readers follow; return their figures."""
    matches = [a_match(number) for number in range(count)]
    await put_openings(settings, matches)
    feed, bare = Receipts(count), Receipts(count)
    feed_ready, bare_ready = asyncio.Event(), asyncio.Event()
    url = f"http://127.0.0.1:{settings.api_port}"
    followers = [
        asyncio.create_task(follow_feed(url, employer, feed, feed_ready)),
        asyncio.create_task(follow_bare(settings.bootstrap_servers, bare, bare_ready)),
    ]
    await feed_ready.wait()
    await bare_ready.wait()
    headers = f"Authorization: Bearer {admin}\r\n"
    batch = requests("/v1/openings", bodies(posts, 0), headers, "feed")
    await asyncio.gather(
        posted(settings.api_port, batch),
        publish_matches(matches, settings.bootstrap_servers, (feed, bare)),
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            await feed.complete.wait()
            await bare.complete.wait()
    for each in followers:
        each.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    found = {"feed": feed.figures(), "bare": bare.figures()}
    ratio = found["bare"]["p95_ms"] / found["feed"]["p95_ms"]
    return {"posts": posts, "matches": count, **found, "ratio_of_p95": round(ratio, 3)}


def measure(posts: int, matches: int) -> dict[str, Any]:
    """Run the benchmark on a fresh stack; return the results."""
    with local_stack(ports=Ports.free()) as stack:
        settings = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
        configure(logging.WARNING)
        prepare(settings)
        holders = (
            Holder(role=AccountRole.ADMIN),
            Holder(role=AccountRole.EMPLOYER, employer_id=EMPLOYER),
        )
        made = [identity_facts.key_made(each, "bench", (), at=now()) for each in holders]
        with Publisher(settings.bootstrap_servers) as publisher:
            publisher.publish([each[1] for each in made])
        ready = f"http://127.0.0.1:{settings.api_port}/health/ready"
        part = replace(api_part(settings), ready=lambda: answers(ready))
        api = Process(part, settings.data)
        try:
            api.start()
            api.wait_ready()
            return asyncio.run(run(settings, made[0][2], made[1][2], posts, matches))
        finally:
            api.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--matches", type=int, default=700)
    chosen = parser.parse_args()
    write_results("change_feed", measure(chosen.posts, chosen.matches))


if __name__ == "__main__":
    main()
