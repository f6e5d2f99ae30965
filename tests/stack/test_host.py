"""Other users of the machine can neither read the stack's files nor its secrets."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.environment import environment_of, settings_for
from deploy.local.child_environment import roost_environment
from deploy.local.processes import Process
from deploy.local.server_user import FIRST, LAST
from deploy.local.stack import Stack, local_stack
from deploy.up import api_part, roost_command
from roost.security import private_folders

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
SECRET = "a secret of the county that no server needs"


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A stack started by a process with a county's secret and a careless umask."""
    before = os.umask(0o022)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ROOST_WEBHOOK_KEY", SECRET)
            with local_stack() as stack:
                yield stack
    finally:
        os.umask(before)


def tree(process: Process) -> list[psutil.Process]:
    top = psutil.Process(process.pid)
    return [top, *top.children(recursive=True)]


def test_the_servers_inherit_no_setting(own_stack: Stack) -> None:
    for process in own_stack.processes.values():
        for each in tree(process):
            names = each.environ()
            assert "PATH" in names
            assert [name for name in names if name.startswith("ROOST_")] == []


def test_no_other_user_reaches_a_file(own_stack: Stack) -> None:
    mode = stat.S_IMODE(own_stack.data.stat().st_mode)
    assert mode == (0o710 if private_folders.is_root() else 0o700)
    for child in own_stack.data.iterdir():
        if child.is_dir():
            assert stat.S_IMODE(child.stat().st_mode) == 0o700, child


def test_the_launcher_leaves_its_folder_with_the_data(own_stack: Stack) -> None:
    """Before, each start left one in the machine's folder for temporary files."""
    assert list((own_stack.data / "elasticsearch" / "tmp").glob("final-flags*"))


@pytest.mark.skipif(
    not private_folders.is_root(), reason="only root starts the servers as another user"
)
def test_under_root_the_servers_have_a_user_that_nothing_else_has(own_stack: Stack) -> None:
    users = {each.uids().real for process in own_stack.processes.values() for each in tree(process)}
    (user,) = users
    assert FIRST <= user <= LAST
    assert own_stack.data.stat().st_gid == user


def test_the_api_has_the_settings_and_its_files_are_private(own_stack: Stack) -> None:
    settings = settings_for(own_stack.data, own_stack.ports)
    environment = roost_environment(os.environ) | environment_of(settings)
    subprocess.run(roost_command("prepare"), env=environment, check=True)
    api = Process(api_part(settings), settings.data)
    api.start()
    try:
        api.wait_ready()
        assert psutil.Process(api.pid).environ()["ROOST_WEBHOOK_KEY"] == SECRET
        assert readable_by_others(settings.data / "imports") == []
        assert readable_by_others(settings.data / "keys") == []
    finally:
        api.stop()


def readable_by_others(folder: Path) -> list[Path]:
    """Return the files that others could read if they reached the folder."""
    return [
        each
        for each in (folder, *folder.rglob("*"))
        if each.exists() and stat.S_IMODE(each.stat().st_mode) & 0o077
    ]
