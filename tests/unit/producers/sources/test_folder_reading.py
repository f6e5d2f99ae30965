"""Folder sources read complete files within the county's folder only, in their order."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from producers.sources.folder_reading import files_after, folder_files, newest_file
from producers.sources.run_faults import RunFailed
from roost.events.source import RunFault

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MOST = 1_000


def put(folder: Path, name: str, age_s: float, text: str = "x") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    at = NOW.timestamp() - age_s
    os.utime(path, (at, at))
    return path


def names(root: Path, folder: str = "partner") -> list[str]:
    return [each.name for each in folder_files(root, folder, NOW, MOST)]


def test_complete_files_are_read_in_the_order_of_their_change(tmp_path: Path) -> None:
    partner = tmp_path / "partner"
    put(partner, "b.csv", 300)
    put(partner, "a.csv", 200)
    put(partner, "growing.csv", 3)
    put(partner, "c.csv.part", 900)
    put(partner, ".hidden", 900)
    (partner / "inner").mkdir()
    assert names(tmp_path) == ["b.csv", "a.csv"]
    files = folder_files(tmp_path, "partner", NOW, MOST)
    assert newest_file(files, "partner").name == "a.csv"
    assert [each.name for each in files_after(files, files[0].cursor)] == ["a.csv"]
    assert files_after(files, files[1].cursor) == []
    assert files_after(files, None) == files


def test_a_file_that_is_replaced_comes_after_its_former_state(tmp_path: Path) -> None:
    put(tmp_path / "partner", "a.csv", 300)
    (former,) = folder_files(tmp_path, "partner", NOW, MOST)
    put(tmp_path / "partner", "a.csv", 200, "xy")
    files = folder_files(tmp_path, "partner", NOW, MOST)
    assert files_after(files, former.cursor) == files


def test_nothing_outside_of_the_folder_of_sources_is_read(tmp_path: Path) -> None:
    secret = put(tmp_path / "secrets", "key.csv", 300)
    root = tmp_path / "sources"
    put(root / "partner", "mine.csv", 300)
    (root / "partner" / "linked.csv").symlink_to(secret)
    (root / "elsewhere").symlink_to(tmp_path / "secrets")
    assert names(root) == ["mine.csv"]
    for folder in ("elsewhere", "../secrets", "absent", "/etc"):
        with pytest.raises(RunFailed) as failed:
            names(root, folder)
        assert failed.value.fault is RunFault.NO_FILE


def test_a_folder_without_a_file_and_a_file_that_is_too_large_are_failures(tmp_path: Path) -> None:
    (tmp_path / "partner").mkdir()
    with pytest.raises(RunFailed) as failed:
        newest_file(folder_files(tmp_path, "partner", NOW, MOST), "partner")
    assert failed.value.fault is RunFault.NO_FILE
    put(tmp_path / "partner", "a.csv", 300, "x" * 1_001)
    with pytest.raises(RunFailed) as failed:
        names(tmp_path)
    assert failed.value.fault is RunFault.TOO_LARGE
