"""Each obstacle to a start is reported in one sentence with its remedy."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from deploy import cli
from deploy.local import artifacts, folders, jdk
from deploy.local.stack_errors import CannotStart

Usage = namedtuple("Usage", "total used free")


def a_jdk(home: Path, version: str, modules: str = "java.base jdk.incubator.vector") -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch(mode=0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n', "utf-8")
    return home


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without software, except what a test puts into its folder of JDKs."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(jdk, "PLACES", (str(tmp_path / "jvm" / "*"),))
    return tmp_path


def test_without_a_jdk_one_is_asked_for(bare_machine: Path) -> None:
    with pytest.raises(CannotStart, match=r"No JDK 21 or later .* JAVA_HOME"):
        jdk.find_jdk()


def test_what_was_found_but_does_not_fit_is_named(bare_machine: Path) -> None:
    old = a_jdk(bare_machine / "jvm" / "old", "17.0.15")
    small = a_jdk(bare_machine / "jvm" / "small", "25", "java.base")
    with pytest.raises(CannotStart) as told:
        jdk.find_jdk()
    assert f"17 in {old}" in str(told.value)
    assert f"25 in {small}" in str(told.value)


def test_java_home_comes_first_and_else_the_newest(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_jdk(bare_machine / "jvm" / "a", "25.0.1")
    newest = a_jdk(bare_machine / "jvm" / "b", "26")
    assert jdk.find_jdk() == newest
    chosen = a_jdk(bare_machine / "mine", "21.0.2")
    monkeypatch.setenv("JAVA_HOME", str(chosen))
    assert jdk.find_jdk() == chosen


def test_without_maven_the_remedy_is_named(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "cache", lambda: bare_machine / "cache")
    with pytest.raises(CannotStart, match="apt-get install maven"):
        artifacts.fetch()


def test_a_full_disk_is_reported_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**6))
    with pytest.raises(CannotStart, match="free some room"):
        folders.check_space(tmp_path)


def test_settings_that_cannot_be_used_are_named_one_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "adopt_running_stack", lambda environ: None)
    monkeypatch.setenv("ROOST_TIME_ZONE", "Beijing")
    monkeypatch.setenv("ROOST_STAGE_BATCH", "0")
    monkeypatch.setattr("sys.argv", ["roost", "simulate", "--dry-run"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == cli.REFUSED
    assert [line.split(": ")[1] for line in said] == ["ROOST_TIME_ZONE", "ROOST_STAGE_BATCH"]
    assert "such as Asia/Shanghai" in said[0]


def test_a_mistake_in_the_countys_calendar_is_named_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "calendar.csv").write_text("first,last,kind,name\n2026-10-1,,holiday,\n", "utf-8")
    monkeypatch.setattr(cli, "adopt_running_stack", lambda environ: None)
    monkeypatch.setenv("ROOST_DATA", str(tmp_path))
    for command in (["worker", "queue"], ["up", "--ports", "auto"], ["calendar"]):
        monkeypatch.setattr("sys.argv", ["roost", *command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr().err
        assert ended.value.code == cli.REFUSED
        assert "calendar.csv: line 2: first: write a date such as 2026-10-01." in said
