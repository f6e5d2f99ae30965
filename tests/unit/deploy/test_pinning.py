"""Downloaded servers and encoders are compared with committed hashes before anything is used."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local import artifacts, encoder_files, folders
from deploy.local.pinning import check_pinned, hash_of, hashes_of, read_lock, write_lock
from deploy.local.stack_errors import CannotStart

FAKE_MAVEN = """#!/bin/sh
for word in "$@"; do
  case "$word" in -DoutputDirectory=*) cp "{served}"/* "${{word#-DoutputDirectory=}}" ;; esac
done
echo "$@" >> "{served}.calls"
"""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The files that Maven brings; the lock of the servers names them as they are now."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "kafka.jar").write_bytes(b"the broker")
    with zipfile.ZipFile(folder / "elasticsearch-9.zip", "w") as packed:
        packed.writestr("elasticsearch-9/bin/elasticsearch", "#!/bin/sh\n")
    lock = tmp_path / "servers.lock"
    write_lock(lock, hashes_of(folder))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "mvn").write_text(FAKE_MAVEN.format(served=folder), "utf-8")
    (programs / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(artifacts, "LOCK", lock)
    monkeypatch.setattr(folders, "cache", lambda: tmp_path / "cache")
    return folder


def quiet(sentence: str) -> None:
    """Say nothing."""


def test_the_pinned_files_are_installed_and_checked_once(served: Path) -> None:
    first = artifacts.fetch(quiet)
    assert (first.elasticsearch_home / "bin" / "elasticsearch").exists()
    (served / "kafka.jar").write_bytes(b"another broker")
    assert artifacts.fetch(quiet) == first, "an installation is verified once, and kept"
    assert len(Path(f"{served}.calls").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize("name", ["kafka.jar", "elasticsearch-9.zip"])
def test_a_changed_file_is_refused_before_anything_is_unpacked(served: Path, name: str) -> None:
    wanted = hash_of(served / name)
    with (served / name).open("ab") as file:
        file.write(b"!")
    for _ in range(2):  # the second start does not take the refused files for an installation
        with pytest.raises(CannotStart) as refused:
            artifacts.fetch(quiet)
        assert name in refused.value.message
        assert wanted in refused.value.message
        assert "make lock" in refused.value.message
        assert name in refused.value.message_zh
    assert not list(folders.cache().glob("servers-*/elasticsearch-9"))
    assert not list(folders.cache().glob("servers-*/complete"))


def test_a_missing_or_an_additional_file_is_refused(served: Path) -> None:
    (served / "kafka.jar").rename(served / "evil.jar")
    with pytest.raises(CannotStart) as refused:
        artifacts.fetch(quiet)
    assert "kafka.jar is missing" in refused.value.message
    assert "evil.jar is not in the lock" in refused.value.message


def test_once_the_mirror_is_right_again_the_start_succeeds(served: Path) -> None:
    right = (served / "kafka.jar").read_bytes()
    (served / "kafka.jar").write_bytes(b"tampered")
    with pytest.raises(CannotStart):
        artifacts.fetch(quiet)
    (served / "kafka.jar").write_bytes(right)
    assert artifacts.fetch(quiet).kafka_jars.joinpath("kafka.jar").read_bytes() == right


def test_another_lock_is_another_installation(served: Path) -> None:
    before = artifacts.fetch(quiet)
    (served / "kafka.jar").write_bytes(b"the next release")
    write_lock(artifacts.LOCK, hashes_of(served))
    assert artifacts.fetch(quiet).kafka_jars != before.kafka_jars


@given(content=st.binary(min_size=1, max_size=200), at=st.integers(0, 199), bit=st.integers(0, 7))
def test_every_changed_bit_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("bits")
    lock = tmp_path_factory.mktemp("lock") / "a.lock"
    (folder / "a.jar").write_bytes(content)
    write_lock(lock, hashes_of(folder))
    check_pinned(folder, lock)
    changed = bytearray(content)
    changed[at % len(content)] ^= 1 << bit
    (folder / "a.jar").write_bytes(changed)
    with pytest.raises(CannotStart):
        check_pinned(folder, lock)


@pytest.mark.parametrize("line", ["", "abc  a.jar", f"{'0' * 64} a.jar", f"{'0' * 64}  "])
def test_a_lock_that_cannot_be_read_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text(f"{'0' * 64}  b.jar\n{line}\n", "utf-8")
    with pytest.raises(CannotStart, match="line 2"):
        read_lock(lock)


@pytest.mark.parametrize(
    ("lock", "pom"),
    [(artifacts.LOCK, artifacts.POM), (encoder_files.LOCK, encoder_files.POM)],
    ids=["servers", "encoders"],
)
def test_the_committed_locks_name_what_the_poms_ask_for(lock: Path, pom: Path) -> None:
    names = read_lock(lock).keys()
    for block in pom.read_text("utf-8").split("<dependency>")[1:]:
        artifact = block.split("<artifactId>")[1].split("<")[0]
        version = block.split("<version>")[1].split("<")[0]
        assert any(name.startswith(f"{artifact}-{version}.") for name in names), artifact
