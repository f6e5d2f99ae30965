"""The data folder is closed to other users of the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deploy.local import folders, server_user
from deploy.local.stack_errors import CannotStart


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "is_root", lambda: False)


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


@pytest.mark.skipif(not folders.is_root(), reason="only root starts the servers as another user")
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
    with pytest.raises(CannotStart, match=f"pass through {closed}; choose another folder"):
        server_user.check_reachable(closed / "county")


def test_others_pass_through_the_folders_that_are_created_above_the_data(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        server_user.private_data(tmp_path / "lib" / "roost" / "demo")
    finally:
        os.umask(before)
    for folder in (tmp_path / "lib", tmp_path / "lib" / "roost"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
