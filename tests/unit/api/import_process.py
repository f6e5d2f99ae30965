"""A process that imports a file as an API process does, on a topic and a view kept in files.

`python -m tests.unit.api.import_process FOLDER NAME` reports its steps, one a line: `ready`,
`publishing N` (then it waits for a line of input), and the job's final state with its counts.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, cast

import orjson

from api.imports.import_work import Work
from api.imports.pending import PendingImports
from api.imports.running import Imports, RejectedRows
from api.imports.upload import Upload
from api.ports.latest_writes import LatestWrites
from producers.importing.importer import permit_everything
from roost import ids
from roost.events.envelope import Record
from roost.events.import_job import ImportJob, ImportState
from roost.kafka.ports import Position
from roost.time.clock import SystemClock
from roost.topics import IMPORTS, OPENINGS
from tests.conftest import COUNTY_KEY as COUNTY_KEY  # installs the keyed ids
from tests.unit.api.reading import InMemoryReader
from tests.unit.api.services import EmptyViews

TOPIC, SHOWN = "topic.jsonl", "shown"


class Views(EmptyViews):
    """View of the records of the topic that the index stage has taken, as many as a file says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def mget(self, keys: Any, fields: Any = None) -> Any:
        shown = int((self._folder / SHOWN).read_text())
        lines = (self._folder / TOPIC).read_bytes().splitlines()[:shown]
        found = {}
        for number, line in enumerate(lines):
            record = orjson.loads(line)
            key = (OPENINGS.name, record["key"])
            found[key] = {"version": number + 1, "fact": record["fact"]}
        return {key: found[key] for key in keys if key in found}


class Topic:
    """Producer whose records are lines of a file; it publishes once its input says so."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / TOPIC

    def publish(self, records: Sequence[Record]) -> list[Position]:
        if not records:
            return []
        print(f"publishing {len(records)}", flush=True)
        sys.stdin.readline()
        first = len(self._path.read_bytes().splitlines())
        with self._path.open("ab") as topic:
            for each in records:
                kept = {"key": each.key, "fact": orjson.loads(each.value or b"null")}
                topic.write(orjson.dumps(kept) + b"\n")
        return [Position(OPENINGS.name, 0, first + number) for number in range(len(records))]


class Reports:
    """Producer of the job's reports, which have no other follower here."""

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        return [Position(IMPORTS.name, 0, 0) for _ in records]


async def main(folder: Path, name: str) -> None:
    reader = InMemoryReader([IMPORTS])
    imports = Imports(
        cast(Any, reader),
        Reports(),
        cast(Any, Topic(folder)),
        cast(Any, Views(folder)),
        SystemClock(),
        UTC,
        folder / "imports",
        LatestWrites(),
        PendingImports(2, 3),
        RejectedRows(folder / "rejects", timedelta(days=30)),
    )
    imports.start()
    path = folder / f"{name}.ndjson"
    now = SystemClock().now()
    job = ImportJob(
        id=ids.derive("i", name),
        state=ImportState.WAITING,
        owner=name,
        format="ndjson",
        rows=1,
        sent="x",
        created_at=now,
        updated_at=now,
    )
    imports.pending.reserve(name)
    print("ready", flush=True)
    await imports.begin(Work(job, Upload(path, "ndjson", 1, "x"), permit_everything))
    while True:
        found = imports.jobs.get(job.id, SystemClock().now())
        if found is not None and found.state.over:
            break
        await asyncio.sleep(0.02)
    print(f"{found.state.value} {found.published} {found.unchanged}", flush=True)
    await imports.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
