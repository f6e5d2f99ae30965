"""Periodic work of a stage alongside its consumer loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from roost.kafka.incoming import Fact
from roost.topics import MATCHES, Topic
from streams.index.index_stage import IndexStage
from streams.kernel.stage_loop import working_alongside
from streams.kernel.stage_protocols import PeriodicWork, Stage
from streams.match.match_stage import MatchStage
from streams.notify.notify_stage import NotifyStage


class Plain:
    name = "plain"
    topics: tuple[Topic, ...] = (MATCHES,)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None: ...


class Keeping(Plain):
    housekeeping_s = 0.0

    def __init__(self) -> None:
        self.times = 0
        self.thrice = asyncio.Event()

    async def housekeeping(self) -> None:
        self.times += 1
        if self.times == 3:
            self.thrice.set()


class Failing(Plain):
    housekeeping_s = 0.0

    async def housekeeping(self) -> None:
        raise ValueError("a fault of the stage")


@pytest.mark.parametrize(
    ("stage", "keeps"), [(IndexStage, False), (MatchStage, True), (NotifyStage, True)]
)
def test_which_stages_keep_house(stage: type[Stage], keeps: bool) -> None:
    assert isinstance(stage.__new__(stage), PeriodicWork) is keeps


async def test_it_is_done_again_and_again_for_as_long_as_the_stream_runs() -> None:
    stage = Keeping()
    async with working_alongside(stage):
        await stage.thrice.wait()
    done = stage.times
    await asyncio.sleep(0)
    assert stage.times == done


async def test_a_stage_without_any_just_runs() -> None:
    async with working_alongside(Plain()):
        pass


async def test_a_fault_in_it_ends_the_stream_too() -> None:
    with pytest.raises(ExceptionGroup):
        async with working_alongside(Failing()):
            await asyncio.Event().wait()
