"""Time from the registration of a walk-in to the first list of openings, with all stages.

Openings are posted and processed first. Then workers are registered one by one as a clerk's page
does: the registration waits until the profile is found, and the search follows at once. The answer
holds openings, or the reason why there are none and what would give some; both count. Each time
is split into registration and search. The results are written to `bench/results/walk_ins.json`.

    python -m bench.walk_ins --openings 500 --workers 40
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx

from bench.measuring import answers, load, now, write_results
from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Process
from deploy.local.stack import local_stack
from deploy.local.stack_ports import Ports
from deploy.up import api_part, prepare, stage_parts
from producers import facts, identity_facts, simulator
from producers.publisher import Publisher
from roost.events.account import AccountRole, Holder
from roost.logs import configure
from roost.settings import Settings
from roost.topics import OPENINGS
from roost.views.elastic import Elastic

WITHIN_S = 2.0
WAIT = {"Prefer": "wait=10"}


def post_openings(settings: Settings, count: int) -> None:
    """Publish openings."""
    with Publisher(settings.bootstrap_servers) as publisher:
        publisher.publish(
            [
                facts.opening_posted(each, at=now(), today=now().date(), source="bench")[1]
                for each in simulator.openings(count)
            ]
        )


async def until_found(settings: Settings, count: int) -> None:
    """Return once searches find the openings."""
    elastic = Elastic(settings.elasticsearch_url)
    try:
        found = 0
        while found < count:
            await asyncio.sleep(0.5)
            found = await elastic.count(OPENINGS.name)
    finally:
        await elastic.close()


async def walk_in(http: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Register one worker and search; return the milliseconds and the kind of answer."""
    began = time.perf_counter()
    made = await http.post("/v1/profiles", json=body, headers=WAIT)
    made.raise_for_status()
    registered = time.perf_counter()
    found = await http.get(f"/v1/profiles/{made.json()['id']}/fitting-openings")
    found.raise_for_status()
    ended, content = time.perf_counter(), found.json()
    return {
        "registration_ms": 1000 * (registered - began),
        "search_ms": 1000 * (ended - registered),
        "all_ms": 1000 * (ended - began),
        "answered": bool(content["items"] or content["whyNone"]),
        "found": len(content["items"]),
        "advice": len(content["wouldHelp"]),
    }


async def run(settings: Settings, key: str, openings: int, workers: int) -> dict[str, Any]:
    """Register workers one by one; return the figures."""
    await until_found(settings, openings)
    headers = {"authorization": f"Bearer {key}"}
    url = f"http://127.0.0.1:{settings.api_port}"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
        took = [await walk_in(http, each.to_dict()) for each in simulator.profiles(workers)]
    return {
        "openings": openings,
        "workers": workers,
        "load": load(),
        **{
            name: figures([each[name] for each in took])
            for name in ("registration_ms", "search_ms", "all_ms")
        },
        "within_two_seconds": sum(each["all_ms"] <= 1000 * WITHIN_S for each in took),
        "answered": sum(each["answered"] for each in took),
        "with_openings": sum(each["found"] > 0 for each in took),
        "with_advice": sum(each["advice"] > 0 for each in took),
    }


def figures(values: Sequence[float]) -> dict[str, float]:
    """Return the first, the middle, the 95th percentile and the slowest."""
    ordered = sorted(values)
    return {
        "first": round(values[0], 1),
        "p50": round(ordered[len(ordered) // 2], 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "slowest": round(ordered[-1], 1),
    }


def measure(openings: int, workers: int) -> dict[str, Any]:
    """Run the benchmark on a fresh stack; return the results."""
    with local_stack(ports=Ports.free()) as stack, ExitStack() as closing:
        settings = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
        configure(logging.WARNING)
        prepare(settings)
        holder = Holder(role=AccountRole.ADMIN)
        _, record, key = identity_facts.key_made(holder, "bench", (), at=now())
        with Publisher(settings.bootstrap_servers) as publisher:
            publisher.publish([record])
        ready = f"http://127.0.0.1:{settings.api_port}/health/ready"
        api = replace(api_part(settings), ready=lambda: answers(ready))
        processes = [Process(each, settings.data) for each in (*stage_parts(settings), api)]
        for each in processes:
            each.start()
            closing.callback(each.stop)
        for each in processes:
            each.wait_ready()
        post_openings(settings, openings)
        return asyncio.run(run(settings, key, openings, workers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--openings", type=int, default=500)
    parser.add_argument("--workers", type=int, default=40)
    chosen = parser.parse_args()
    write_results("walk_ins", measure(chosen.openings, chosen.workers))


if __name__ == "__main__":
    main()
