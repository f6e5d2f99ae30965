"""A source on real servers: the runner reads its folder, and closes what is withdrawn."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.processes import Process
from deploy.up import sources_part
from roost.settings import Settings
from tests.stack.waiting import until
from tests.unit.producers.sources.partner import advertisement

pytestmark = pytest.mark.stack
PAST_S = 60.0
"""Age of the files, so that they count as complete."""


@pytest.fixture(scope="module")
def runner(settings: Settings, index: Process) -> Iterator[Process]:
    process = Process(sources_part(settings), settings.data)
    process.start()
    process.wait_ready()
    yield process
    process.stop()


def drop(settings: Settings, rows: Sequence[dict[str, Any]], age_s: float) -> None:
    folder: Path = settings.folder_of_sources / "stack"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.json").write_text(json.dumps(rows), "utf-8")
    at = time.time() - age_s
    os.utime(folder / "jobs.json", (at, at))


async def test_a_source_is_added_read_and_its_withdrawals_are_closed(
    settings: Settings, runner: Process, api: httpx.AsyncClient
) -> None:
    drop(settings, [advertisement(number) for number in range(10)], PAST_S)
    content = {"name": "Stack", "folder": "stack"}
    source = (await api.post("/v1/sources", json=content)).json()["id"]

    async def runs(count: int) -> dict[str, Any] | None:
        state = (await api.get(f"/v1/sources/{source}")).json().get("state") or {}
        done = len(state.get("runs", ())) >= count and not state.get("runningSince")
        return dict(state) if done else None

    first = await until("the first run", lambda: runs(1))
    assert (first["runs"][0]["published"], first["listed"]) == (10, 10)

    async def indexed() -> bool:
        found = await api.get("/v1/openings", params={"employer": "partner", "total": "true"})
        return bool(found.json()["total"] == 10)

    await until("the openings in the view", indexed)
    drop(settings, [advertisement(number) for number in range(8)], PAST_S / 2)
    await api.post(f"/v1/sources/{source}/run")
    second = await until("the second run", lambda: runs(2))
    assert (second["runs"][1]["closed"], second["listed"]) == (2, 8)

    async def closed() -> bool:
        asked = {"employer": "partner", "status": "closed"}
        items = (await api.get("/v1/openings", params=asked)).json()["items"]
        return {each["identifier"] for each in items} == {"J-8", "J-9"}

    await until("the closed openings in the view", closed)
    assert (await api.delete(f"/v1/sources/{source}")).status_code == 204
