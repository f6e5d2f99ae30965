"""The servers are prepared in a child process; its words are shown, and its failure stops."""

from __future__ import annotations

import json
import socket
import stat
import sys
from pathlib import Path

import pytest
import structlog

from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from deploy.local.supervisor import Supervisor
from deploy.up import SHOWN_LINES, bring_up, run_apart


def python(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


def test_each_line_of_the_child_is_shown_and_its_log_kept_apart(tmp_path: Path) -> None:
    said: list[str] = []
    log = tmp_path / "logs" / "prepare.log"
    text = "import sys; print('one'); print('view_rebuilt', file=sys.stderr); print('two')"
    for _ in range(2):
        run_apart(python(text), {}, said.append, log)
    assert said == ["one", "two"] * 2
    assert log.read_text() == "view_rebuilt\n" * 2
    assert (stat.S_IMODE(log.stat().st_mode), stat.S_IMODE(log.parent.stat().st_mode)) == (
        0o600,
        0o700,
    )


def test_a_child_that_fails_is_an_error_with_its_last_lines(tmp_path: Path) -> None:
    said: list[str] = []
    log = tmp_path / "prepare.log"
    log.write_text("of an earlier start\n")
    text = "import sys; [print(n) for n in range(40)]; print('away', file=sys.stderr); sys.exit(3)"
    with pytest.raises(CannotStart, match="away") as failure:
        run_apart(python(f"import os\n{text}"), {}, said.append, log)
    assert len(str(failure.value).splitlines()) == SHOWN_LINES + 1
    assert "earlier" not in str(failure.value)


def test_the_log_of_a_start_does_not_reach_its_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    supervisor = Supervisor(tmp_path, Ports.free(), lambda name, state: None)
    former = structlog.get_config()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", supervisor.ports.api))
        taken.listen()
        with pytest.raises(CannotStart):
            bring_up(supervisor)  # it ends at once, since another program has the port
    structlog.get_logger().info("view_rebuilt", view="matches")
    structlog.configure(**former)
    assert "view_rebuilt" not in "".join(capfd.readouterr())
    [line] = (tmp_path / "logs" / "supervisor.log").read_text().splitlines()
    assert json.loads(line)["event"] == "view_rebuilt"
