"""Commands find the stack that runs here, and keep to servers that the settings name."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from deploy import discovery
from deploy.local import folders
from deploy.local.stack_ports import Ports

PORTS = Ports(kafka=19092, controller=19093, elasticsearch=19200, transport=19300, api=18000)
KAFKA, ELASTIC = "ROOST_BOOTSTRAP_SERVERS", "ROOST_ELASTICSEARCH_URL"


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The usual data folder of this machine, empty."""
    monkeypatch.setattr(folders, "default_data", lambda: tmp_path / "usual")
    return tmp_path / "usual"


def a_stack_runs(data: Path, *, started: float | None = None) -> None:
    """Mark a folder as a supervisor does, with this very process as the supervisor."""
    me = psutil.Process()
    data.mkdir(parents=True)
    mark = {"pid": me.pid, "started": started or me.create_time(), "ports": asdict(PORTS)}
    (data / "stack.json").write_text(json.dumps(mark), encoding="utf-8")


def test_where_no_stack_runs_nothing_is_touched(usual: Path) -> None:
    environment: dict[str, str] = {}
    assert discovery.adopt_running_stack(environment) is None
    assert environment == {}


@pytest.mark.parametrize("folder", ["", "demo"])
def test_a_stack_in_the_usual_folders_is_found(usual: Path, folder: str) -> None:
    a_stack_runs(usual / folder)
    environment: dict[str, str] = {}
    assert discovery.adopt_running_stack(environment) == usual / folder
    assert environment[KAFKA] == "127.0.0.1:19092"
    assert environment[ELASTIC] == "http://127.0.0.1:19200"
    assert environment["ROOST_API_PORT"] == "18000"


def test_the_folder_that_is_named_comes_first(usual: Path, tmp_path: Path) -> None:
    a_stack_runs(usual)
    a_stack_runs(tmp_path / "mine")
    environment = {"ROOST_DATA": str(tmp_path / "mine")}
    assert discovery.adopt_running_stack(environment) == tmp_path / "mine"


def test_a_process_with_the_number_of_a_dead_supervisor_is_not_a_stack(usual: Path) -> None:
    a_stack_runs(usual, started=1.0)
    assert discovery.adopt_running_stack({}) is None


@pytest.mark.parametrize("named", [KAFKA, ELASTIC])
def test_servers_that_the_settings_name_stay(usual: Path, named: str) -> None:
    a_stack_runs(usual)
    environment = {named: "elsewhere:1"}
    assert discovery.adopt_running_stack(environment) is None
    assert environment == {named: "elsewhere:1"}


def test_other_settings_stay_too(usual: Path) -> None:
    a_stack_runs(usual)
    environment = {"ROOST_API_PORT": "7777"}
    discovery.adopt_running_stack(environment)
    assert environment["ROOST_API_PORT"] == "7777"
    assert environment[KAFKA] == "127.0.0.1:19092"
