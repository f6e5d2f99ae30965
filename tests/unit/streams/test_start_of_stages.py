"""A stage that the supervisor starts early handles nothing before the views are prepared."""

from __future__ import annotations

import asyncio
from pathlib import Path

from streams.worker import wait_for_mark


async def test_a_stage_waits_until_the_views_are_prepared(tmp_path: Path) -> None:
    mark = tmp_path / "views.prepared"
    waiting = asyncio.create_task(wait_for_mark(mark))
    await asyncio.sleep(0)
    assert not waiting.done()
    mark.touch()
    async with asyncio.timeout(10):
        await waiting


async def test_a_stage_that_no_supervisor_started_does_not_wait() -> None:
    async with asyncio.timeout(10):
        await wait_for_mark(None)
