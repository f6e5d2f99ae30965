"""Rejected rows are private, expire, and lose the rows of erased people."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from producers.import_commands import imports
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer, Stored
from producers.importing.row_workers import workers_of
from producers.mappings.direct_mapping import direct_mapping
from producers.rejected_rows import (
    ENDING,
    KeptLines,
    erase_rejected_rows,
    new_rejects_path,
    open_private,
    prune_rejected_rows,
    rejects_files,
)
from producers.rejects_elsewhere import note_path
from producers.suppressions import is_suppressed
from roost import ids
from roost.time.clock import FixedClock
from tests.unit.producers.rejected import write_rejects

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DIRECT = direct_mapping(KINDS["profiles"].content, "roster")
ROWS = """identifier,name,home,location
7,张三,岭泉镇,无此地方
8,李四,岭泉镇,无此地方
,王五,岭泉镇,无此地方
"""


def nothing_stored(view: str, ids: Sequence[str]) -> AbstractContextManager[Stored]:
    return nullcontext({})


def reject_all(folder: Path) -> Path:
    """Import a roster of which every row is wrong; return the file of rejected rows."""
    roster = folder / "roster.csv"
    roster.write_text(ROWS, encoding="utf-8")
    path = new_rejects_path(folder / "rejects", roster, NOW)
    importer = Importer(KINDS["profiles"], DIRECT, FixedClock(NOW), UTC, None, nothing_stored)
    with open_private(path) as rejected:
        assert importer.run(roster, write_rejects(rejected, workers_of(DIRECT))).rejected == 3
    return path


def test_rejected_rows_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        path = reject_all(tmp_path)
    finally:
        os.umask(former)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_was_readable_before_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "old.rejects.jsonl"
    path.write_text("former content")
    path.chmod(0o644)
    open_private(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == ""


def test_rejected_rows_are_never_written_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("keep")
    (tmp_path / "x.rejects.jsonl").symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"):
        open_private(tmp_path / "x.rejects.jsonl")
    assert target.read_text() == "keep"


def test_an_erasure_takes_the_rows_of_the_person_and_no_others(tmp_path: Path) -> None:
    path = reject_all(tmp_path)
    os.utime(path, (1_000_000, 1_000_000))
    assert erase_rejected_rows(path.parent, ids.worker_id("roster", "7")) == 1
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [each["row"]["name"] for each in rows] == ["李四", "王五"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_mtime == 1_000_000, "its expiry stays"
    assert "张三" not in "".join(each.read_text("utf-8") for each in path.parent.iterdir())
    assert erase_rejected_rows(path.parent, ids.worker_id("roster", "7")) == 0


def test_rejected_rows_expire(tmp_path: Path) -> None:
    path = reject_all(tmp_path)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    keep = timedelta(days=30)
    assert prune_rejected_rows(path.parent, NOW + keep, keep) == 0
    assert prune_rejected_rows(path.parent, NOW + keep + timedelta(seconds=1), keep) == 1
    assert not path.exists()


def test_an_erased_person_does_not_return_with_the_next_roster(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROWS.replace("无此地方", "北京市朝阳区"), encoding="utf-8")
    erased = ids.worker_id("roster", "7")

    def find_suppressed(view: str, asked: Sequence[str]) -> Collection[str]:
        return {erased} & set(asked)

    importer = Importer(
        KINDS["profiles"],
        DIRECT,
        FixedClock(NOW),
        UTC,
        None,
        nothing_stored,
        find_suppressed=find_suppressed,
    )
    path = tmp_path / "rejects.jsonl"
    with open_private(path) as rejected:
        summary = importer.run(roster, write_rejects(rejected, workers_of(DIRECT)))
    assert (summary.published, summary.suppressed, summary.rejected) == (1, 1, 2)
    first = json.loads(path.read_text("utf-8").splitlines()[0])
    assert "new consent" in first["reasons"][0]["message"]
    assert (first["line"], first["row"]) == (2, {}), "nothing of an erased person is kept again"


def test_a_person_erased_while_a_roster_is_read_does_not_return(tmp_path: Path) -> None:
    """The suppression is asked again under the locks, which an erasure takes as well."""
    roster = tmp_path / "roster.csv"
    roster.write_text(ROWS.replace("无此地方", "北京市朝阳区"), encoding="utf-8")
    erased: set[str] = set()

    def find_suppressed(view: str, asked: Sequence[str]) -> Collection[str]:
        return erased & set(asked)

    def hold_stored(view: str, asked: Sequence[str]) -> AbstractContextManager[Stored]:
        erased.add(ids.worker_id("roster", "7"))
        return nullcontext({})

    importer = Importer(
        KINDS["profiles"],
        DIRECT,
        FixedClock(NOW),
        UTC,
        None,
        hold_stored,
        find_suppressed=find_suppressed,
    )
    path = tmp_path / "rejects.jsonl"
    with open_private(path) as rejected:
        summary = importer.run(roster, write_rejects(rejected, workers_of(DIRECT)))
    assert (summary.published, summary.suppressed) == (1, 1)
    assert "张三" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    "cells",
    ["张三,岭泉镇,无此地方", "张三,,岭泉镇", "张三,岭泉镇,", f"{'张三' * 500},岭泉镇,岭泉镇"],
)
def test_an_invalid_row_of_an_erased_person_is_kept_without_its_cells(
    tmp_path: Path, cells: str
) -> None:
    """Whether its content is invalid in itself, or its place is unknown."""
    roster = tmp_path / "roster.csv"
    roster.write_text(ROWS.replace("张三,岭泉镇,无此地方", cells), encoding="utf-8")
    erased = ids.worker_id("roster", "7")
    importer = Importer(
        KINDS["profiles"],
        DIRECT,
        FixedClock(NOW),
        UTC,
        None,
        nothing_stored,
        find_suppressed=lambda view, asked: {erased} & set(asked),
    )
    path = tmp_path / "rejects.jsonl"
    with open_private(path) as rejected:
        summary = importer.run(roster, write_rejects(rejected, workers_of(DIRECT)))
    assert (summary.published, summary.suppressed, summary.rejected) == (0, 1, 3)
    lines = path.read_text("utf-8")
    assert "张三" not in lines
    assert json.loads(lines.splitlines()[0])["row"] == {}
    assert "李四" in lines


def row_of(number: str) -> str:
    return json.dumps({"line": 2, "worker": ids.worker_id("roster", number), "row": {"n": number}})


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_row_that_is_written_after_the_sweep_of_an_erasure_is_dropped(
    tmp_path: Path, elsewhere: bool
) -> None:
    """The erasure ends between the check of a row and the flush of the file that receives it."""
    folder = tmp_path / "rejects"
    path = (tmp_path / "desk" if elsewhere else folder) / "roster.rejects.jsonl"
    kept = KeptLines(path, folder=folder)
    kept.append([row_of("6")])
    erase_rejected_rows(folder, ids.worker_id("roster", "7"), ids.worker_id("roster", "70"))
    kept.append([row_of("7"), row_of("8"), row_of("70")])
    assert path.read_text("utf-8").splitlines() == [row_of("6"), row_of("8")]
    assert stat.S_IMODE((folder / ".erased.jsonl").stat().st_mode) == 0o600


def test_an_import_that_begins_after_an_erasure_keeps_the_rows_of_one_who_returned(
    tmp_path: Path,
) -> None:
    """With a new consent the person is imported again; the suppression decides, not the mark."""
    first = KeptLines(tmp_path / "1.rejects.jsonl")
    erase_rejected_rows(tmp_path, ids.worker_id("roster", "7"))
    second = KeptLines(tmp_path / "2.rejects.jsonl")
    for each in (first, second):
        each.append([row_of("7")])
    assert (tmp_path / "1.rejects.jsonl").read_text() == ""
    assert (tmp_path / "2.rejects.jsonl").read_text().splitlines() == [row_of("7")]
    erase_rejected_rows(tmp_path, ids.worker_id("roster", "7"))
    second.append([row_of("7")])
    assert (tmp_path / "2.rejects.jsonl").read_text() == ""


def test_the_marks_of_erasures_expire(tmp_path: Path) -> None:
    kept = KeptLines(tmp_path / "1.rejects.jsonl")
    erase_rejected_rows(tmp_path, ids.worker_id("roster", "7"))
    marks = tmp_path / ".erased.jsonl"
    os.utime(marks, (NOW.timestamp(), NOW.timestamp()))
    keep = timedelta(days=30)
    prune_rejected_rows(tmp_path, NOW + keep, keep)
    assert marks.exists()
    prune_rejected_rows(tmp_path, NOW + keep + timedelta(seconds=1), keep)
    assert not marks.exists()
    kept.append([row_of("7")])
    assert not marks.exists()


@pytest.mark.parametrize(
    ("profile", "suppression", "expected"),
    [
        (None, None, False),
        ({"fact": {}}, None, False),
        ({"erased": True}, None, True),
        ({}, {"suppressed": True}, True),
        (None, {"suppressed": True}, True),
        ({"erased": True}, {"suppressed": False}, False),
    ],
)
def test_a_suppression_outlives_the_tombstone_and_ends_with_consent(
    profile: dict[str, object] | None, suppression: dict[str, object] | None, expected: bool
) -> None:
    assert is_suppressed(profile, suppression) is expected


def rejected_to(folder: Path, path: Path) -> Path:
    """Write the rejected rows of a roster to a path that an operator chose."""
    made = reject_all(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    note_path(folder / "rejects", path)
    made.rename(path)
    return path


@pytest.mark.parametrize("name", ["wrong.jsonl", "更正.txt", "a b.rejects.jsonl"])
def test_rejected_rows_at_a_chosen_path_expire_as_well(tmp_path: Path, name: str) -> None:
    path = rejected_to(tmp_path, tmp_path / "desk" / name)
    folder, keep = tmp_path / "rejects", timedelta(days=30)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert prune_rejected_rows(folder, NOW + keep, keep) == 0
    assert prune_rejected_rows(folder, NOW + keep + timedelta(seconds=1), keep) == 1
    assert not path.exists()
    assert list(rejects_files(folder)) == []
    assert list((folder / "elsewhere").iterdir()) == [], "nothing is left to remember"


def test_an_erasure_takes_the_rows_at_a_chosen_path(tmp_path: Path) -> None:
    path = rejected_to(tmp_path, tmp_path / "desk" / "wrong.jsonl")
    folder = tmp_path / "rejects"
    assert erase_rejected_rows(folder, ids.worker_id("roster", "7")) == 1
    assert "张三" not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert erase_rejected_rows(folder, ids.worker_id("roster", " ８\u200b")) == 1, "still known"


@pytest.mark.parametrize("content", [b"", b"name,home\n", b"[]\n", b'{"name": 1}\n', b"\xff\xfe"])
def test_another_file_at_a_chosen_path_is_never_touched(tmp_path: Path, content: bytes) -> None:
    path = rejected_to(tmp_path, tmp_path / "desk" / "wrong.jsonl")
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (0, 0))
    removed = prune_rejected_rows(tmp_path / "rejects", NOW, timedelta(days=30))
    assert removed == (0 if content else 1), "an empty file holds no other content"
    assert path.exists() is bool(content)


def test_a_link_at_a_chosen_path_is_not_followed(tmp_path: Path) -> None:
    path = rejected_to(tmp_path, tmp_path / "desk" / "wrong.jsonl")
    kept = path.rename(tmp_path / "kept.jsonl")
    path.symlink_to(kept)
    os.utime(kept, (0, 0))
    assert prune_rejected_rows(tmp_path / "rejects", NOW, timedelta(days=30)) == 0
    assert kept.exists()


def test_notes_are_private_and_one_for_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "rejects"
    for _ in range(2):
        note_path(folder, tmp_path / "desk" / "wrong.jsonl")
    note_path(folder, folder / "roster.csv.rejects.jsonl")
    [note] = (folder / "elsewhere").iterdir()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700


def test_the_command_notes_the_path_that_an_operator_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ROOST_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("ROOST_ELASTICSEARCH_URL", "http://127.0.0.1:9")
    roster, path = tmp_path / "roster.csv", tmp_path / "desk" / "wrong.jsonl"
    roster.write_text(ROWS, encoding="utf-8")
    chosen = ["profiles", str(roster), "--rejects", str(path), "--dry-run"]
    with ids.installed(None):
        done = CliRunner().invoke(imports, chosen)
    assert done.exit_code == 0, done.output
    assert list(rejects_files(tmp_path / "data" / "rejects")) == [path]
    assert len(path.read_text("utf-8").splitlines()) == 3


def test_a_file_that_an_erasure_rewrites_during_an_import_loses_no_later_line(
    tmp_path: Path,
) -> None:
    erased, other = ids.worker_id("roster", "7"), ids.worker_id("roster", "8")
    path = tmp_path / f"job{ENDING}"
    lines = KeptLines(path)
    lines.append([json.dumps({"line": 1, "worker": erased}), json.dumps({"line": 2})])
    assert erase_rejected_rows(tmp_path, erased) == 1
    lines.append([json.dumps({"line": 3, "worker": other})])
    kept = [json.loads(each) for each in path.read_text("utf-8").splitlines()]
    assert [each["line"] for each in kept] == [2, 3]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("most_lines", "most_bytes"), [(2, math.inf), (math.inf, 7)])
def test_a_file_of_rejected_rows_is_bounded_by_number_and_bytes(
    tmp_path: Path, most_lines: float, most_bytes: float
) -> None:
    path = tmp_path / f"job{ENDING}"
    lines = KeptLines(path, most_lines, most_bytes)
    lines.append(["one"])
    lines.append(["two", "three"])
    lines.append(["four"])
    assert path.read_text("utf-8").splitlines() == ["one", "two"]


def test_an_erasure_takes_the_rows_under_every_number_of_the_person(tmp_path: Path) -> None:
    numbers = [ids.worker_id("roster", "7"), ids.worker_id("another", "B-2")]
    other = ids.worker_id("roster", "8")
    path = tmp_path / f"job{ENDING}"
    KeptLines(path).append([json.dumps({"worker": each}) for each in (*numbers, other)])
    assert erase_rejected_rows(tmp_path, *numbers) == 2
    assert [json.loads(each) for each in path.read_text("utf-8").splitlines()] == [
        {"worker": other}
    ]


def test_an_erasure_makes_no_folder_where_nothing_was_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "rejects"
    assert erase_rejected_rows(folder, ids.worker_id("roster", "7")) == 0
    assert not folder.exists()
