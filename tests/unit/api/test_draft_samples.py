"""A draft's file is sampled once, one file at a time, however often it is requested."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from api.imports.draft_samples import DraftSamples, SuggestedSample, read_sample
from producers.mappings.suggesting.column_samples import FileSample
from roost.errors import Invalid
from roost.events.import_mapping import ImportKind

FOUND = SuggestedSample(cast(FileSample, None), [])


class Reading:
    """Reader that counts its readings; it waits until it may go on."""

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.at_once = self.most_at_once = 0
        self.go = threading.Event()
        self.meeting = threading.Barrier(2)
        """Point where a second reading would meet the first one."""
        self.fails = False

    def __call__(self, path: Path, kind: ImportKind) -> SuggestedSample:
        self.read.append(path)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go.wait(10)
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait(0.5)
        self.at_once -= 1
        if self.fails:
            raise Invalid("cannot be read")
        return FOUND


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the drafts' files, and the working directory."""
    for name in "abc":
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_many_requests_for_one_file_read_it_once() -> None:
    reading = Reading()
    samples = DraftSamples(reading)
    asked = [asyncio.create_task(samples.sample("a", Path("a"), "openings")) for _ in range(5)]
    await asyncio.sleep(0)
    asked.pop().cancel()  # its request has timed out
    reading.go.set()
    assert await asyncio.gather(*asked) == [FOUND] * 4
    assert await samples.sample("a", Path("a"), "openings") is FOUND
    assert reading.read == [Path("a")]


async def test_files_are_read_one_at_a_time_and_the_oldest_samples_are_forgotten() -> None:
    reading = Reading()
    reading.go.set()
    samples = DraftSamples(reading, most=2)
    names = ["a", "b", "c"]
    await asyncio.gather(*(samples.sample(each, Path(each), "openings") for each in names))
    assert reading.most_at_once == 1
    await samples.sample("c", Path("c"), "openings")
    await samples.sample("a", Path("a"), "openings")
    assert [str(each) for each in reading.read] == ["a", "b", "c", "a"]


async def test_a_sample_is_dropped_with_its_file(files: Path) -> None:
    reading = Reading()
    reading.go.set()
    samples = DraftSamples(reading)
    for each in "ab":
        await samples.sample(each, Path(each), "openings")
    (files / "a").unlink()
    samples.drop_removed()
    assert len(samples) == 1


async def test_a_sample_of_a_file_that_is_removed_while_it_is_read_is_not_kept(
    files: Path,
) -> None:
    reading = Reading()
    samples = DraftSamples(reading)
    asked = asyncio.create_task(samples.sample("a", Path("a"), "openings"))
    await asyncio.sleep(0)
    (files / "a").unlink()
    reading.go.set()
    assert await asked is FOUND
    assert len(samples) == 0


async def test_a_file_that_cannot_be_read_is_no_sample() -> None:
    reading = Reading()
    reading.go.set()
    reading.fails = True
    samples = DraftSamples(reading)
    for _ in range(2):
        with pytest.raises(Invalid):
            await samples.sample("a", Path("a"), "openings")
    assert len(reading.read) == 2


def test_a_sample_has_the_columns_and_their_suggestions(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("招聘岗位,工作地点\n电焊工,大同市\n", "utf-8")
    found = read_sample(path, "openings")
    assert [each.name for each in found.sample.columns] == ["招聘岗位", "工作地点"]
    assert [each.field for each in found.suggestions] == ["title", "place"]
