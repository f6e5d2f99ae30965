"""The supervisor leaves no orphan, and a second start finds the data again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local.processes import Part, Process, clean_up
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from deploy.local.supervisor import Supervisor, status

SLEEPER = (sys.executable, "-c", "import time; time.sleep(300)")
SUPERVISE = """
import sys, pathlib
from deploy.local.stack_ports import Ports
from deploy.local.processes import Part
from deploy.local.supervisor import Supervisor
data = pathlib.Path(sys.argv[1])
part = Part("sleeper", (sys.executable, "-c", "import time; time.sleep(300)"), ready=lambda: True)
supervisor = Supervisor(data, Ports.free(), lambda name, state: None)
with supervisor.held():
    supervisor.start([part])
    supervisor.watch()
"""


def started_sleeper(data: Path) -> int:
    """Return the sleeper's process id once its mark is complete."""
    mark = data / "run" / "sleeper.json"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if mark.exists() and mark.read_text():
            return int(json.loads(mark.read_text())["pid"])
        time.sleep(0.05)
    raise AssertionError("the sleeper did not start")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_outlives_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(tmp_path)])
    sleeper = psutil.Process(started_sleeper(tmp_path))
    os.kill(supervisor.pid, number)
    supervisor.wait(20)
    sleeper.wait(20)
    assert not psutil.pid_exists(sleeper.pid)


def test_one_supervisor_a_folder(tmp_path: Path) -> None:
    first = Supervisor(tmp_path, Ports.free(), lambda name, state: None)
    with first.held():
        assert status(tmp_path) is not None
        second = Supervisor(tmp_path, Ports.free(), lambda name, state: None)
        with pytest.raises(CannotStart, match="roost down"), second.held():
            raise AssertionError("both held the folder")
    assert status(tmp_path) is None


def test_leftovers_are_ended_and_strangers_left_alone(tmp_path: Path) -> None:
    part = Part("sleeper", SLEEPER, ready=lambda: True)
    stranger, leftover = Process(part, tmp_path / "other"), Process(part, tmp_path)
    stranger.start()
    time.sleep(1.5)  # start times differ only after a second
    leftover.start()
    mark = tmp_path / "run" / "sleeper.json"
    marked = json.loads(mark.read_text())
    mark.write_text(json.dumps(marked | {"pid": stranger.pid}))
    assert clean_up(tmp_path) == []
    assert stranger.alive()
    mark.write_text(json.dumps(marked))
    assert clean_up(tmp_path) == ["sleeper"]
    assert leftover.status is not None
    stranger.kill()


def test_a_part_that_dies_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no such luck')")
    process = Process(Part("unlucky", command, ready=lambda: False), tmp_path)
    process.start()
    with pytest.raises(CannotStart, match="no such luck"):
        process.wait_ready()


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = Ports(kafka=taken.getsockname()[1])
        with pytest.raises(CannotStart, match=r"Port \d+ \(kafka\) is in use.*--ports auto"):
            ports.check()
