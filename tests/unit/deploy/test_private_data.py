"""The data folder is closed to other users of the machine."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.local import folders, server_user
from deploy.local.stack_errors import CannotStart
from matcher.versioned_files import save_version
from producers.first_admin import FirstAdmin, first_admin_message
from producers.rejected_rows import open_private
from producers.rejects_elsewhere import note_path
from roost.security import county_key, private_folders
from roost.settings import Settings
from streams.deliver.outbox import Outbox
from streams.stages import outbox_path
from streams.views.model_files import weights_path
from streams.views.vector_cache import VectorCache

ROOT = Path(__file__).parents[3]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_folders, "is_root", lambda: False)


@pytest.mark.usefixtures("not_root")
def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert server_user.private_data(tmp_path / "county") == 0
    assert mode(tmp_path / "county") == 0o700


@pytest.mark.usefixtures("not_root")
def test_a_folder_of_an_earlier_release_is_closed(tmp_path: Path) -> None:
    old = tmp_path / "county"
    (old / "kafka").mkdir(parents=True)
    old.chmod(0o755)
    (old / "kafka").chmod(0o755)
    server_user.private_data(old)
    assert (mode(old), mode(old / "kafka")) == (0o700, 0o700)


@pytest.mark.usefixtures("not_root")
def test_a_folder_of_other_files_is_refused_and_unchanged(tmp_path: Path) -> None:
    theirs = tmp_path / "www"
    theirs.mkdir()
    tmp_path.chmod(0o755)
    theirs.chmod(0o755)
    with pytest.raises(CannotStart, match="choose a new or an empty folder"):
        server_user.private_data(tmp_path)
    assert (mode(tmp_path), mode(theirs)) == (0o755, 0o755)


@pytest.mark.usefixtures("not_root")
def test_other_folders_beside_those_of_roost_keep_their_modes(tmp_path: Path) -> None:
    for name in ("kafka", "www"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    server_user.private_data(tmp_path)
    assert (mode(tmp_path / "kafka"), mode(tmp_path / "www")) == (0o700, 0o755)


@pytest.mark.usefixtures("not_root")
def test_a_link_to_another_disk_is_followed_by_nobody(tmp_path: Path) -> None:
    disk, data = tmp_path / "disk", tmp_path / "county"
    for each in (disk, data):
        each.mkdir()
        each.chmod(0o755)
    (data / "kafka").symlink_to(disk)
    server_user.private_data(data)
    assert (mode(data), mode(disk)) == (0o700, 0o755)


@pytest.mark.usefixtures("not_root")
def test_the_root_of_a_new_disk_is_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir(mode=0o700)
    assert server_user.private_data(tmp_path) == 0


@pytest.mark.skipif(
    not private_folders.is_root(), reason="only root starts the servers as another user"
)
def test_under_root_the_servers_own_their_folders_and_pass_through_the_data_folder(
    tmp_path: Path,
) -> None:
    data = tmp_path / "county"
    user = server_user.private_data(data)
    assert server_user.FIRST <= user <= server_user.LAST
    assert (mode(data), data.stat().st_gid, data.stat().st_uid) == (0o710, user, 0)
    kafka = data / "kafka"
    kafka.mkdir()
    (kafka / "old.log").touch()
    os.chown(kafka / "old.log", 65534, 65534)  # as an earlier release left it
    server_user.own_folder(kafka, user)
    assert (mode(kafka), kafka.stat().st_uid, (kafka / "old.log").stat().st_uid) == (
        0o700,
        user,
        user,
    )
    assert server_user.server_user(data) == user, "a folder keeps its user"
    assert server_user.server_user(tmp_path / "another") == server_user.PREFERRED


def test_a_folder_that_the_servers_cannot_reach_is_named_with_the_remedy(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match=rf"pass through {closed}\. `chmod o\+x {closed}`"):
        server_user.check_reachable(closed / "county")


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Usual data folder of a machine on which nothing has run; others can reach its parent."""
    before = os.umask(0o077)
    with TemporaryDirectory(dir="/tmp") as root:
        Path(root).chmod(0o711)
        folder = Path(root) / "lib" / "roost"
        monkeypatch.setattr(folders, "default_data", lambda: folder)
        monkeypatch.delenv("ROOST_WEBHOOK_KEY", raising=False)
        yield folder
    os.umask(before)


def settings_in(data: Path) -> Settings:
    return Settings(data=data)


def create_keys(data: Path) -> None:
    county_key.county_key(settings_in(data))


def create_first_administrator(data: Path) -> None:
    first_admin_message(FirstAdmin("admin", "a-password"), settings_in(data), terminal=False)


def create_rejected_rows(data: Path) -> None:
    open_private(settings_in(data).rejects_folder / "a.rejects.jsonl").close()


def note_rejected_rows_elsewhere(data: Path) -> None:
    note_path(settings_in(data).rejects_folder, data.parent / "b.rejects.jsonl")


def create_outbox(data: Path) -> None:
    Outbox(outbox_path(settings_in(data)))


def create_vectors(data: Path) -> None:
    VectorCache(data / "vectors" / "cache.sqlite", b"k" * 32, "version").read(["text"])


def train_weights(data: Path) -> None:
    save_version(weights_path(settings_in(data)), "1", {"base": "stated"})


def start_up(data: Path) -> None:
    if server_user.private_data(data):
        server_user.check_reachable(data)


def start_demo(data: Path) -> None:
    start_up(data / "demo")


FIRST_COMMANDS = (
    create_keys,
    create_first_administrator,
    create_rejected_rows,
    note_rejected_rows_elsewhere,
    create_outbox,
    create_vectors,
    train_weights,
)


@pytest.mark.skipif(not private_folders.is_root(), reason="only root starts another user")
@pytest.mark.parametrize("first", FIRST_COMMANDS)
def test_whichever_command_creates_the_data_folder_the_servers_reach_theirs(
    usual: Path, first: Callable[[Path], None]
) -> None:
    for steps in itertools.permutations((first, start_up, start_demo)):
        shutil.rmtree(usual.parent, ignore_errors=True)
        for step in steps:
            step(usual)
        for data in (usual, usual / "demo"):
            user = server_user.server_user(data)
            kafka = server_user.own_folder(data / "kafka", user)
            subprocess.run(["ls", kafka], check=True, user=user, group=user, extra_groups=[])
            listed = subprocess.run(["ls", data], user=user, group=user, capture_output=True)
            assert listed.returncode, "the servers pass through, and list nothing"
        theirs = [each for each in usual.iterdir() if each.name not in {"demo", "kafka"}]
        assert {mode(each) for each in theirs} == {0o700}


@pytest.mark.skipif(not private_folders.is_root(), reason="only root starts another user")
def test_the_usual_folder_that_an_earlier_release_left_closed_is_opened(usual: Path) -> None:
    for name in ("model", "demo"):
        shutil.rmtree(usual, ignore_errors=True)
        (usual / name).mkdir(parents=True)
        usual.parent.chmod(0o711)
        start_demo(usual)
        assert mode(usual) == 0o711


@pytest.mark.skipif(not private_folders.is_root(), reason="only root starts another user")
def test_a_closed_folder_of_others_stays_closed_and_the_command_that_opens_it_helps(
    usual: Path,
) -> None:
    theirs = usual.parent / "county's files"
    theirs.mkdir(parents=True)
    (theirs / "letters").touch()
    usual.parent.chmod(0o711)
    with pytest.raises(CannotStart) as refusal:
        start_up(theirs / "roost")
    assert mode(theirs) == 0o700
    remedy = str(refusal.value).split("`")[1]
    subprocess.run(remedy, shell=True, check=True)
    start_up(theirs / "roost")


@pytest.mark.parametrize(("root", "above"), [(True, 0o711), (False, 0o700)])
def test_only_roots_folders_above_a_private_one_let_others_pass(
    root: bool, above: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_folders, "is_root", lambda: root)
    private_folders.private_folder(tmp_path / "lib" / "roost" / "model" / "versions")
    private_folders.private_folder(
        tmp_path / "lib" / "roost" / "faust" / "index", within=tmp_path / "lib" / "roost" / "faust"
    )
    modes = {each.name: mode(each) for each in tmp_path.rglob("*")}
    assert modes == {
        "lib": above,
        "roost": above,
        "model": above,
        "versions": 0o700,
        "faust": 0o700,
        "index": 0o700,
    }


PROGRAMS = {"matcher/packed.py", "matcher/published_bert.py"}
"""Modules that create folders of downloaded programs, for every user to read."""


def test_no_other_module_creates_the_folders_above_its_own() -> None:
    """A plain `mkdir(parents=True)` of the first command would close the data folder."""
    creators = {
        path.relative_to(ROOT).as_posix()
        for package in ("api", "matcher", "producers", "roost", "streams")
        for path in (ROOT / package).rglob("*.py")
        if "parents=True" in path.read_text("utf-8")
    }
    assert creators == PROGRAMS
