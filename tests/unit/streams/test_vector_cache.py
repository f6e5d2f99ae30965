from __future__ import annotations

import stat
from pathlib import Path

import pytest

from roost.errors import Transient
from streams.views.vector_cache import VectorCache

KEY = b"k" * 32


def cache(
    tmp_path: Path, key: bytes = KEY, version: str = "one", most_rows: int = 9
) -> VectorCache:
    return VectorCache(tmp_path / "vectors" / "cache.sqlite", key, version, most_rows)


def test_vectors_outlive_the_process(tmp_path: Path) -> None:
    cache(tmp_path).write({"焊工": b"one", "welder": b"two"})
    assert cache(tmp_path).read(["welder", "cook", "焊工"]) == {"焊工": b"one", "welder": b"two"}


def test_another_key_or_model_finds_nothing(tmp_path: Path) -> None:
    cache(tmp_path).write({"焊工": b"one"})
    assert cache(tmp_path, key=b"j" * 32).read(["焊工"]) == {}
    assert cache(tmp_path, version="two").read(["焊工"]) == {}


def test_the_oldest_rows_leave_first(tmp_path: Path) -> None:
    known = cache(tmp_path, most_rows=3)
    for text in "abcd":
        known.write({text: text.encode()})
    known.write({"a": b"", "d": b""})
    assert sorted(known.read(list("abcd"))) == ["a", "c", "d"]


def test_the_files_are_private_and_hold_no_text(tmp_path: Path) -> None:
    known = cache(tmp_path)
    known.write({"shotcreter": b"vector"})
    files = list((tmp_path / "vectors").iterdir())
    assert files
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"shotcreter" not in file.read_bytes()
    assert stat.S_IMODE((tmp_path / "vectors").stat().st_mode) == 0o700


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    known = cache(tmp_path)
    known.write({"a": b"one"})
    known.close()
    (tmp_path / "vectors" / "cache.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(Transient, match="cache of vectors"):
        known.read(["a"])
    assert known.read(["a"]) == {}
    known.write({"a": b"two"})
    assert known.read(["a"]) == {"a": b"two"}
