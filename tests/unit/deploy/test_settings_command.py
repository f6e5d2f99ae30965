"""Settings of the operator win, and `roost settings` shows each with its source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy import cli, stack_commands
from deploy.environment import settings_for
from deploy.local import folders
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from deploy.settings_command import MASK, setting_rows
from roost.settings import Settings

PORTS = Ports(kafka=19092, controller=19093, elasticsearch=19200, transport=19300, api=18000)


def test_the_operators_public_url_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert settings_for(tmp_path, PORTS).public_url == "http://127.0.0.1:18000"
    monkeypatch.setenv("ROOST_PUBLIC_URL", "https://jobs.example.cn")
    assert settings_for(tmp_path, PORTS).public_url == "https://jobs.example.cn"


def test_the_operators_api_port_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOST_API_PORT", "8443")
    assert stack_commands.chosen_ports(1000, "usual", Settings()).api == 8443


@pytest.mark.parametrize("name", ["ROOST_BOOTSTRAP_SERVERS", "ROOST_ELASTICSEARCH_URL"])
def test_servers_of_the_operator_are_not_replaced(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    stack_commands.check_own_servers(Settings())
    monkeypatch.setenv(name, "https://elsewhere:1")
    with pytest.raises(CannotStart, match=f"{name} names a server.*unset it"):
        stack_commands.check_own_servers(Settings())


def test_the_data_folder_is_the_options_then_the_settings_then_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folders, "default_data", lambda: tmp_path / "usual")
    assert stack_commands.chosen_folder(None) == tmp_path / "usual"
    monkeypatch.setenv("ROOST_DATA", str(tmp_path / "named"))
    assert stack_commands.chosen_folder(None) == tmp_path / "named"
    assert stack_commands.chosen_folder(tmp_path / "option") == tmp_path / "option"


def test_status_looks_into_the_folder_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ROOST_DATA", str(tmp_path / "named"))
    shown = CliRunner().invoke(cli.app, ["status"])
    assert (shown.exit_code, str(tmp_path / "named") in shown.output) == (3, True)


def test_every_setting_is_shown_with_its_source_and_without_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folders, "default_data", lambda: tmp_path)
    monkeypatch.setenv("ROOST_WEBHOOK_KEY", "the secret of the county, long enough")
    monkeypatch.setenv("ROOST_CHANNEL_URLS", '{"sms": "https://u:hidden@sms.cn/{address}"}')
    monkeypatch.setenv("ROOST_ELASTICSEARCH_URL", "https://roost:hidden@search:9200")
    shown = CliRunner().invoke(cli.app, ["settings", "--json"])
    assert shown.exit_code == 0, shown.output
    rows = {row["variable"]: row for row in json.loads(shown.output)}
    assert rows.keys() == {f"ROOST_{name.upper()}" for name in Settings.model_fields}
    assert (rows["ROOST_WEBHOOK_KEY"]["source"], rows["ROOST_WEBHOOK_KEY"]["value"]) == (
        "environment",
        MASK,
    )
    assert rows["ROOST_API_PORT"]["source"] == "default"
    assert "hidden" not in shown.output
    assert "the secret" not in shown.output


def test_what_the_running_stack_provides_is_named_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ROOST_API_PORT", "18000")
    (row,) = [
        each
        for each in setting_rows(Settings(), frozenset())
        if each["variable"] == "ROOST_API_PORT"
    ]
    assert row["source"] == "running stack"
