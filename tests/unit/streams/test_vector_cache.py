from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from streams.views.vector_cache import PAUSE_S, VectorCache

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
    assert known.read(["a"]) == {}
    known.write({"a": b"two"})
    assert known.read(["a"]) == {"a": b"two"}


def test_a_database_of_another_shape_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    with closing(connect(tmp_path / "vectors" / "cache.sqlite")) as other:
        other.execute("CREATE TABLE vectors (text TEXT)")
    known = cache(tmp_path)
    known.write({"a": b"lost"})
    known.write({"a": b"kept"})
    assert known.read(["a"]) == {"a": b"kept"}


def test_a_changed_value_counts_as_absent_and_is_stored_anew(tmp_path: Path) -> None:
    known = cache(tmp_path)
    known.write({"a": b"one", "b": b"two"})
    with closing(connect(tmp_path / "vectors" / "cache.sqlite")) as other, other:
        other.execute("UPDATE vectors SET vectors = X'00' WHERE number = 1")
    assert known.read(["a", "b"]) == {"b": b"two"}
    known.write({"a": b"one"})
    assert known.read(["a", "b"]) == {"a": b"one", "b": b"two"}


def test_a_folder_that_cannot_be_used_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("a file where the folder should be")
    known = cache(tmp_path)
    known.write({"a": b"one"})
    assert known.read(["a"]) == {}


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("of somebody else")
    (tmp_path / "vectors" / "cache.sqlite").symlink_to(elsewhere)
    known = cache(tmp_path)
    known.write({"a": b"one"})
    assert known.read(["a"]) == {}
    assert elsewhere.read_text() == "of somebody else"


def test_a_read_only_file_stops_nobody(tmp_path: Path) -> None:
    cache(tmp_path).write({"a": b"one"})
    known = cache(tmp_path)
    known.read([])
    assert known._database is not None
    known._database.execute("PRAGMA query_only = ON")
    known.write({"b": b"two"})
    known = cache(tmp_path)
    assert known.read(["a", "b"]) == {"a": b"one"}


def test_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    known = cache(tmp_path)
    known.write({"a": b"one"})
    assert known._database is not None
    known._database.execute("PRAGMA max_page_count = 4")
    known.write({"b": b"x" * 100_000})
    assert cache(tmp_path).read(["a", "b"]) == {"a": b"one"}


def test_a_file_that_another_process_locks_is_left_alone_for_a_while(tmp_path: Path) -> None:
    now = [0.0]
    known = VectorCache(tmp_path / "cache.sqlite", KEY, "one", monotonic=lambda: now[0])
    known.write({"a": b"one"})
    with closing(connect(tmp_path / "cache.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        known.write({"b": b"two"})
    known.write({"c": b"three"})
    assert known.read(["a", "c"]) == {}
    now[0] = PAUSE_S
    known.write({"c": b"three"})
    assert known.read(["a", "b", "c"]) == {"a": b"one", "c": b"three"}


def test_two_caches_of_one_file_see_each_others_rows(tmp_path: Path) -> None:
    one, other = cache(tmp_path), cache(tmp_path)
    one.write({"a": b"one"})
    other.write({"b": b"two"})
    assert one.read(["a", "b"]) == other.read(["a", "b"]) == {"a": b"one", "b": b"two"}
