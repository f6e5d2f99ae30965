"""Imports of one source in two API processes: one after the other, each on the other's facts."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from roost.settings import Settings
from tests.stack.serving import served
from tests.stack.test_api import opening
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
ROWS = 600


def file(headcount: int) -> bytes:
    rows = (opening(f"turns-{number}", totalJobOpenings=headcount) for number in range(ROWS))
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in rows).encode()


async def imported(client: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    kind = {"content-type": "application/x-ndjson"}
    sent = await client.post("/v1/imports", content=content, headers=kind)
    assert sent.status_code == 202, sent.text

    async def over() -> dict[str, Any]:
        job = (await client.get(sent.headers["location"])).json()
        return job if job["state"] not in {"waiting", "running"} else {}

    return await until("the import is over", over)


async def test_of_two_processes_that_import_one_file_at_once_one_changes_nothing(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    with served(settings) as other:
        headers = {"authorization": api.headers["authorization"]}
        async with httpx.AsyncClient(base_url=other.url, headers=headers, timeout=30) as second:
            jobs = await asyncio.gather(*(imported(each, file(2)) for each in (api, second)))
            changed = await imported(second, file(3))
            again = await imported(api, file(3))
    assert {each["state"] for each in (*jobs, changed, again)} == {"done"}
    assert sorted(each["published"] for each in jobs) == [0, ROWS]
    assert sorted(each["unchanged"] for each in jobs) == [0, ROWS]
    assert (changed["published"], again["published"]) == (ROWS, 0)
