"""Time and order: wrong clocks, starts in the wrong order, an erasure midway (rows 15, 20, 21)."""

from __future__ import annotations

import asyncio
import json
import time

from kafka import KafkaAdminClient

from producers import facts
from producers.admin import declare_topics
from roost.events.envelope import record
from roost.events.preferences import Stop, StoppedBy
from roost.kafka.reader import KafkaReader
from roost.topics import STOPS, TOPICS
from roost.views.mappings import VIEWS
from tests.faults.rows.process_rows import back_to_normal
from tests.faults.scenario import FaultRow, Run
from tests.faults.workload import now

SKEW_S = {"index": -7_200, "match": 7_200, "queue": -7_200, "notify": 7_200, "deliver": -7_200}


async def wrong_clocks(run: Run) -> None:
    """Set every stage's clock two hours off, neighbours in opposite directions.

    A webhook receiver that checks signatures refuses all that the deliver stage signs meanwhile,
    and accepts them again once the clock is right.
    """
    load, later = run.load(150 if run.full else 30), run.load(8, changes=False)
    hooks = [await run.webhook(each) for each in (load, later)]
    run.cluster.set_sink_behaviour(
        [{"answer": "checks", **run.signature_check(each)} for each in hooks]
    )
    for name in run.cluster.stages:
        run.cluster.stop(name)
    for name in run.cluster.stages:
        run.cluster.start(name, plan={"clock_s": SKEW_S[name]})
        run.injected()
    async with run.kept_up():
        await run.publish_steadily(load.records, 30.0)
        await run.settle()
    await back_to_normal(run, set(run.cluster.stages))
    async with run.kept_up():
        await run.publish(later.first)
        await run.settle()
    stale, fresh = (run.attempts_at(each) for each in hooks)
    run.notes["webhooks"] = {"stale": len(stale), "fresh": len(fresh)}
    refused = all(each.answer == "401" for each in stale)
    run.expect(bool(stale) and refused, "a stale signature was taken, or none was sent")
    taken = all(each.visible for each in fresh)
    run.expect(bool(fresh) and taken, "a good signature was refused, or none was sent")


WITHIN_S = 15.0


async def wrong_order(run: Run) -> None:
    """Start the stages first, then Elasticsearch, then the broker, and create a topic last.

    The late topic is read within 15 s.
    """
    names = run.cluster.stages
    for name in names:
        run.cluster.worker(name).stop()
        run.cluster.hold(name)
    client = KafkaAdminClient(bootstrap_servers=run.cluster.own.bootstrap_servers)
    client.delete_topics([STOPS.name])
    client.close()
    for server in ("kafka", "elasticsearch"):
        run.cluster.stack.stop(server)
        run.injected()
    for name in names:
        run.cluster.let_restart(name)
    async with run.kept_up():
        await asyncio.sleep(3)
        await run.cluster.start_server("elasticsearch")
        await run.cluster.start_server("kafka")
        load = run.load(30 if run.full else 15)
        await run.publish(load.first)
        began = time.monotonic()
        await run.wait_in_view(load.first[-1].topic.name, load.first[-1].key)
        run.notes["first_s"] = round(time.monotonic() - began, 1)
        declare_topics(run.cluster.own.bootstrap_servers)
        run.injected()
        worker = load.workers[0]
        stop = Stop(worker_id=worker.id, stopped=False, by=StoppedBy.API, at=now())
        began = time.monotonic()
        await asyncio.to_thread(
            run.publisher.publish, [record(stop, worker.id, source="/faults", at=now())]
        )
        await run.wait_in_view(STOPS.name, worker.id)
        took = time.monotonic() - began
        run.notes["late_topic_s"] = round(took, 1)
        run.expect(took < WITHIN_S, f"a topic made late was read after {took:.0f} s")
        run.mended()
        await run.publish(load.changes)


async def erased_midway(run: Run) -> None:
    """Erase workers while their matches are in flight.

    Their words and numbers are in no view, in no append-only topic and in no log, and nothing more
    is sent to them.
    """
    load = run.load(60 if run.full else 20, changes=False, channels=("sms",))
    gone = load.workers[::3]
    others = [each for each in load.first if each.key not in {worker.id for worker in gone}]
    theirs = [each for each in load.first if each not in others]
    async with run.kept_up():
        await run.publish(theirs)
        await run.publish(others)
        await asyncio.sleep(run.dice.uniform(0.5, 2))
        await run.publish([facts.profile_erased(each.id, at=now()) for each in gone])
        run.injected(len(gone))
        await run.settle()
        seen = len(run.cluster.attempts())
        await asyncio.sleep(3)
    later = [each.address for each in run.cluster.attempts()[seen:]]
    numbers = {each.channels[0].address for each in gone}
    run.expect(not numbers & set(later), "something was sent to an erased worker")
    found = await _stores_that_hold(run, numbers)
    run.expect(not found, f"an erased worker's number is in {found[:4]}")


async def _stores_that_hold(run: Run, words: set[str]) -> list[str]:
    found = []
    await run.elastic.refresh(*VIEWS)
    for view in VIEWS:
        async for id, _, document in run.elastic.scan(view):
            if _holds(json.dumps(document, ensure_ascii=False), words):
                found.append(f"{view}/{id}")
    for topic in TOPICS:
        if topic.compacted:
            continue  # a tombstone erases it there
        async for batch in KafkaReader(run.cluster.own.bootstrap_servers).read_to_end(topic):
            found += [
                f"topic {topic.name}/{each.partition}/{each.offset}"
                for each in batch
                if _holds((each.value or b"").decode("utf-8", "replace"), words)
            ]
    for log in (run.cluster.stack.data / "logs").glob("*.log"):
        if _holds(log.read_text("utf-8", "replace"), words):
            found.append(log.name)
    return found


def _holds(text: str, words: set[str]) -> bool:
    return any(word in text for word in words)


ROWS = (
    FaultRow(15, "clocks of the stages two hours off", wrong_clocks),
    FaultRow(20, "start in the wrong order; a topic made late", wrong_order),
    FaultRow(21, "workers erased midway", erased_midway),
)
