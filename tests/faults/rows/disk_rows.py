"""Full disks, and lost local folders (rows 17 and 18)."""

from __future__ import annotations

import asyncio
import shutil
import time
import urllib.request
from contextlib import closing

import psutil

from tests.faults.client import Client
from tests.faults.cluster import wait_ended
from tests.faults.rows.api_rows import api_load
from tests.faults.scenario import FaultRow, Run


async def full_disk_at_elasticsearch(run: Run) -> None:
    """Block Elasticsearch's writes by its flood stage, then release them.

    This is what a full disk does.
    """
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
    run.set_at_elasticsearch("_cluster/settings", {"transient": settings})


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
    """Delete each stage's local folder and fill it with rubbish; the stage continues.

    Roost keeps no tables on disk, so there is no RocksDB to lose.
    """
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
    await run.settle()
    for name in run.cluster.stages:  # leave no tables for the next seed to find
        shutil.rmtree(folder / name / "tables")


def _is_table(name: str) -> bool:
    return name.endswith((".db", ".sst", ".rocksdb")) or name == "LOCK"


HALTS_WITHIN_S = 60.0


async def full_disk_at_the_broker(run: Run) -> None:
    """Forbid the broker's files to grow.

    With a single log folder the broker halts, as on a full disk. An IOException of the folder is
    the same to it whether the disk is full (ENOSPC) or a file too large (EFBIG), and the second
    needs no separate disk. Nothing is accepted that is not stored, and everything continues once
    there is room.
    """
    load = api_load(run, 30 if run.full else 12)
    later = run.load(20 if run.full else 8)
    client = Client(run.cluster.settings.public_url, run.cluster.headers)
    probe = Client(run.cluster.settings.public_url, run.cluster.headers)
    broker = run.cluster.stack.processes["kafka"]
    try:
        async with run.kept_up():
            half = len(load.entities) // 2
            for each in load.entities[:half]:
                await client.post_until_accepted(each)
            _no_more_room(broker.pid)
            run.injected()
            halted = asyncio.create_task(asyncio.to_thread(wait_ended, broker, HALTS_WITHIN_S))
            deadline = time.monotonic() + (60 if run.full else 10)
            while time.monotonic() < deadline:
                await probe.post(load.entities[half])
            if await halted is None:
                run.expect(False, "the broker went on without room for its files")
                broker.kill()
            taken = sum(probe.answers[each] for each in ("200", "201", "202"))
            run.expect(not taken, f"{taken} events were accepted that could not be kept")
            run.expect(probe.answers["503"] > 0, f"no 503: {dict(probe.answers)}")
            await run.cluster.start_server("kafka")  # the limit ended with the old process
            run.mended()
            for each in load.entities[half:]:
                await client.post_until_accepted(each)
            await run.publish(later.records)
    finally:
        await client.close()
        await probe.close()
    run.accepted += client.accepted
    run.notes["answers"] = {"all": dict(client.answers), "without room": dict(probe.answers)}


def _no_more_room(pid: int | None) -> None:
    """Forbid a process to write to any file beyond its first byte."""
    assert pid is not None  # without one it would be this process
    process = psutil.Process(pid)
    _, most = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (1, most))


ROWS = (
    FaultRow(17, "Elasticsearch's disk full (flood stage)", full_disk_at_elasticsearch),
    FaultRow(117, "the broker's disk full", full_disk_at_the_broker),
    FaultRow(18, "local folders deleted and filled with rubbish", no_local_state),
)
