"""State and time: clocks that are wrong, disks that are full, folders that are gone, starts in the
wrong order, a flood, and a person who leaves midway (rows 15, 17 to 21)."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import urllib.request
from contextlib import closing

import psutil
from kafka import KafkaAdminClient

from producers import facts
from producers.admin import declare_topics
from roost.events.envelope import record
from roost.events.preferences import Stop, StoppedBy
from roost.topics import STOPS, TOPICS
from roost.views.mappings import VIEWS
from streams.records import read_topic
from tests.faults.rows.process_rows import back_to_normal
from tests.faults.scenario import Row, Run
from tests.faults.workload import now

SKEW_S = {"index": -7_200, "match": 7_200, "queue": -7_200, "notify": 7_200, "deliver": -7_200}


async def wrong_clocks(run: Run) -> None:
    """Every stage's clock is two hours off, neighbours in opposite directions."""
    for name in run.cluster.stages:
        run.cluster.stop(name)
    for name in run.cluster.stages:
        run.cluster.start(name, plan={"clock_s": SKEW_S[name]})
        run.injected()
    load = run.load(150 if run.full else 30)
    async with run.kept_up():
        await run.publish_steadily(load.records, 30.0)
        await run.settle()
    await back_to_normal(run, set(run.cluster.stages))


async def full_disk_at_elasticsearch(run: Run) -> None:
    """The flood stage: Elasticsearch blocks writes as it does when its disk is full, and takes
    them again when there is room. (A full disk of the broker's: not done, see the results.)"""
    load = run.load(100 if run.full else 30)
    async with run.kept_up():
        await run.publish(load.first[: len(load.first) // 2])
        marks = {"low": "1000tb", "high": "1000tb", "flood_stage": "1000tb"}
        await asyncio.to_thread(_watermarks, run, marks)
        blocked = await _until_blocked(run, True)
        run.expect(blocked, "Elasticsearch did not block writes within 60 s")
        run.injected()
        await run.publish(load.first[len(load.first) // 2 :])
        await asyncio.sleep(20 if run.full else 5)
        await asyncio.to_thread(_watermarks, run, None)
        run.expect(await _until_blocked(run, False), "it did not take writes again within 90 s")
        run.mended()
        await run.publish(load.changes)


def _watermarks(run: Run, marks: dict[str, str] | None) -> None:
    settings: dict[str, str | None] = {"cluster.info.update.interval": "10s" if marks else None}
    for name in ("low", "high", "flood_stage"):
        key = f"cluster.routing.allocation.disk.watermark.{name}"
        settings[key] = marks[name] if marks else None
    body = json.dumps({"transient": settings}).encode()
    request = urllib.request.Request(
        f"{run.cluster.own.elasticsearch_url}/_cluster/settings",
        body,
        {"content-type": "application/json"},
        method="PUT",
    )
    with closing(urllib.request.urlopen(request, timeout=30)):
        pass


async def _until_blocked(run: Run, wanted: bool, within_s: float = 90) -> bool:
    def blocked() -> bool:
        url = f"{run.cluster.own.elasticsearch_url}/_settings/index.blocks.*?flat_settings=true"
        with closing(urllib.request.urlopen(url, timeout=30)) as answer:
            return "read_only_allow_delete" in answer.read().decode()

    deadline = time.monotonic() + within_s
    while await asyncio.to_thread(blocked) is not wanted:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(1)
    return True


async def no_local_state(run: Run) -> None:
    """Roost keeps no tables on disk: there is no RocksDB to lose, and a stage whose folder is
    deleted and filled with rubbish goes on as before."""
    load = run.load(60 if run.full else 20)
    await run.publish(load.first)
    await run.settle()
    folder = run.cluster.stack.data / "faust"
    tables = [each for each in folder.rglob("*") if _is_table(each.name)]
    run.expect(not tables, f"there is local state after all: {tables[:3]}")
    for name in run.cluster.stages:
        run.cluster.kill(name)
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name / "tables").mkdir(parents=True)
        (folder / name / "tables" / "profiles-0.db").write_bytes(b"rubbish")
        run.cluster.start(name)
        run.injected()
    run.mended()
    await run.publish(load.changes)


def _is_table(name: str) -> bool:
    return name.endswith((".db", ".sst", ".rocksdb")) or name == "LOCK"


WITHIN_S = 15.0


async def wrong_order(run: Run) -> None:
    """Stages first, then Elasticsearch, then the broker; and a topic that is made after its
    readers were started: read within 15 s."""
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
        await _indexed(run, load.first[-1].topic.name, load.first[-1].key, 60)
        run.notes["first_s"] = round(time.monotonic() - began, 1)
        declare_topics(run.cluster.own.bootstrap_servers)
        run.injected()
        worker = load.workers[0]
        stop = Stop(worker_id=worker.id, stopped=False, by=StoppedBy.API, at=now())
        began = time.monotonic()
        await asyncio.to_thread(
            run.publisher.publish, [record(stop, worker.id, source="/faults", at=now())]
        )
        await _indexed(run, STOPS.name, worker.id, 60)
        took = time.monotonic() - began
        run.notes["late_topic_s"] = round(took, 1)
        run.expect(took < WITHIN_S, f"a topic made late was read after {took:.0f} s")
        run.mended()
        await run.publish(load.changes)


async def _indexed(run: Run, view: str, id: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while await run.elastic.get(view, id) is None:
        if time.monotonic() > deadline:
            run.expect(False, f"{view}/{id} was not read within {within_s:.0f} s")
            return
        await asyncio.sleep(0.2)


MOST_GROWTH = 300_000_000


async def flood(run: Run) -> None:
    """Ten times the usual load at once: nothing is lost, and the stages' memory stays bounded.
    (Limits by tenant, and a quiet tenant's waiting time: not measured here.)"""
    load = run.load(2_000 if run.full else 250)
    before = _memory(run)
    await run.publish(load.records)
    run.injected()
    most = dict(before)
    deadline = time.monotonic() + (600 if run.full else 100)
    settling = asyncio.create_task(run.settle(deadline - time.monotonic()))
    async with run.kept_up():
        while not settling.done():
            most = {name: max(most[name], used) for name, used in _memory(run).items()}
            await asyncio.sleep(1)
    grown = {name: most[name] - before[name] for name in before}
    run.notes["memory_mb"] = {name: round(used / 1e6) for name, used in most.items()}
    for name, by in grown.items():
        run.expect(by < MOST_GROWTH, f"{name} grew by {by / 1e6:.0f} MB")


def _memory(run: Run) -> dict[str, int]:
    return {
        name: psutil.Process(run.cluster.worker(name).pid).memory_info().rss
        for name in run.cluster.stages
    }


async def erased_midway(run: Run) -> None:
    """Workers are erased while their matches are on their way: their words and numbers stand in
    no view, in no append-only topic and in no log, and nothing is sent to them any more."""
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
    run.expect(not found, f"an erased worker's number stands in {found[:4]}")


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
        async for batch in read_topic(run.cluster.own.bootstrap_servers, topic):
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
    Row(15, "clocks of the stages two hours off", wrong_clocks),
    Row(17, "Elasticsearch's disk full (flood stage)", full_disk_at_elasticsearch),
    Row(18, "local folders deleted and filled with rubbish", no_local_state),
    Row(19, "a flood", flood, settle_s=600),
    Row(20, "start in the wrong order; a topic made late", wrong_order),
    Row(21, "workers erased midway", erased_midway),
)
