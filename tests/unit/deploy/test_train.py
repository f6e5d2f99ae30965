"""`roost train` without servers, and its decisions and reports with outcomes."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local import folders
from matcher.learned import load_weights, save_weights
from matcher.match_outcomes import OutcomeRow
from matcher.precedent_files import load_precedents
from matcher.versioned_files import version_path
from matcher.weights import STATED
from roost.errors import Invalid
from streams.learning import training_report
from streams.learning.outcome_collection import CollectedOutcomes
from streams.learning.precedent_training import train_precedents
from streams.learning.weight_training import ModelBuild, TrainingResult, learn_weights
from tests.unit.matcher.simulated import TRUTH, simulated
from tests.unit.matcher.test_precedents import simulated_outcomes

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder; the first command builds the model in it."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setenv("ROOST_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("ROOST_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ROOST_DATA", str(data))


def trained_by(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["train", "--json", *arguments])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_without_servers_the_model_is_built_once_and_outcomes_are_not_looked_at(
    data: Path,
) -> None:
    planned = trained_by("--dry-run")
    assert planned["similarity"]["built"]
    assert not (data / "model").exists(), "a dry run changes nothing"
    first = trained_by()
    assert first["similarity"]["path"] == planned["similarity"]["path"]
    assert first["similarity"]["built"]
    assert (data / "model" / "similarity" / "head.npz").exists()
    assert first["outcomes"]["notLookedAt"] == "no servers run; `roost up` starts them"
    assert (first["decision"], first["inForce"]) == ("not_looked_at", STATED.version)
    assert first["precedents"]["decision"] == "not_looked_at"
    assert first["precedents"]["inForce"] is None
    assert not trained_by()["similarity"]["built"]
    assert not trained_by("--dry-run")["similarity"]["built"]


def test_it_says_in_words_what_it_did() -> None:
    result = CliRunner().invoke(app, ["train", "--without-outcomes"])
    assert result.exit_code == 0
    assert "No outcomes were read: only the similarity model was requested." in result.stdout
    assert f"Weights in force: {STATED.version}." in result.stdout


def test_a_folder_that_is_named_is_the_one_that_is_trained(data: Path, tmp_path: Path) -> None:
    trained_by()
    (tmp_path / "model").mkdir()
    shutil.copytree(data / "model" / "similarity", tmp_path / "model" / "similarity")
    told = trained_by("--data", str(tmp_path))
    assert told["similarity"]["path"] == str(tmp_path.resolve() / "model" / "similarity")
    assert not told["similarity"]["built"]


def test_without_settings_the_usual_folder_is_trained(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_by()
    monkeypatch.delenv("ROOST_DATA")
    monkeypatch.setattr(folders, "default_data", lambda: data)
    assert not trained_by()["similarity"]["built"]


def test_weights_that_cannot_be_used_are_an_error(data: Path) -> None:
    path = data / "model" / "weights.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{", encoding="utf-8")
    try:
        result = CliRunner().invoke(app, ["train"])
        assert isinstance(result.exception, Invalid)
        assert "Remove it" in result.exception.message
    finally:
        path.unlink()


def after(
    rows: list[OutcomeRow], path: Path, *, dry_run: bool = False
) -> tuple[TrainingResult, str]:
    """Train on these rows, install the result at `path`, and return it with its report."""
    planned = TrainingResult(
        ModelBuild("lsa", path.with_name("similarity"), built=False, replaced=False),
        load_weights(path).version,
        dry_run=dry_run,
    )
    collected = CollectedOutcomes(tuple(rows), gone=2, dropped=0)
    trained = learn_weights(planned, collected, path, NOW)
    text = io.StringIO()
    training_report.show(trained, Console(file=text, width=120))
    json.dumps(training_report.as_json(trained))
    return trained, text.getvalue()


def test_better_weights_are_installed_with_what_they_rest_on(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    trained, said = after(simulated(1), path)
    installed = load_weights(path)
    assert installed.version == trained.in_force != STATED.version
    assert version_path(path, installed.version).exists()
    about = json.loads(path.read_text("utf-8"))["about"]
    assert about["instead_of"] == STATED.version
    assert about["comparison"]["low"] > 0
    assert f"Installed: {installed.version}." in said
    assert "2 of erased people or openings left out" in said
    assert "nDCG@10" in said
    assert f"Weights in force: {installed.version}." in said


def test_in_a_dry_run_they_are_named_and_not_installed(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    trained, said = after(simulated(1), path, dry_run=True)
    assert not path.exists()
    assert trained.in_force == STATED.version
    assert "would be installed" in said


def test_no_better_weights_are_refused_and_the_learned_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    save_weights(path, TRUTH, {})
    trained, said = after(simulated(1, decided_by_score=False), path)
    assert load_weights(path) == TRUTH
    assert trained.in_force == TRUTH.version
    assert "Refused: not better beyond chance." in said


def test_too_few_outcomes_are_reported_with_the_missing_amount(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    trained, said = after(simulated(1, openings=5), path)
    assert not path.exists()
    assert "outcomes: 75 of 200, 125 more needed" in said
    assert trained.in_force == STATED.version


def after_precedents(
    rows: list[OutcomeRow], path: Path, *, before: str = "", dry_run: bool = False
) -> tuple[TrainingResult, str]:
    """Train precedents on these rows, install them at `path`, and return the report."""
    planned = TrainingResult(
        ModelBuild("lsa", path.with_name("similarity"), built=False, replaced=False),
        STATED.version,
        collected=CollectedOutcomes(tuple(rows), gone=0, dropped=0),
        dry_run=dry_run,
        precedents_before=before,
    )
    trained = train_precedents(planned, path.with_name("weights.json"), path, NOW)
    text = io.StringIO()
    training_report.show(
        replace(trained, lesson=None, not_looked_at="asked"), Console(file=text, width=120)
    )
    json.dumps(training_report.as_json(trained))
    return trained, text.getvalue()


def test_better_precedents_are_installed_with_their_evidence(tmp_path: Path) -> None:
    path = tmp_path / "precedents.json"
    trained, said = after_precedents(simulated_outcomes(1), path)
    installed = load_precedents(path)
    assert installed.version == trained.precedents_in_force != ""
    about = json.loads(path.read_text("utf-8"))["about"]
    assert about["weights"] == STATED.version
    assert about["comparison"]["low"] > 0
    assert f"Installed: {installed.version}." in said
    assert f"Precedents in force: {installed.version}." in said


def test_a_dry_run_installs_and_removes_no_precedents(tmp_path: Path) -> None:
    path = tmp_path / "precedents.json"
    trained, said = after_precedents(simulated_outcomes(1), path, dry_run=True)
    assert "Accepted: precedents-1+" in said
    assert not path.exists()
    assert trained.precedents_in_force == ""
    after_precedents(simulated_outcomes(1), path)
    trained, _ = after_precedents([], path, before="precedents-1+x", dry_run=True)
    assert path.exists()
    assert trained.precedents_in_force == "precedents-1+x"


def test_precedents_that_a_training_does_not_confirm_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "precedents.json"
    for rows in (simulated_outcomes(1, hidden=0.0), []):
        before, _ = after_precedents(simulated_outcomes(1), path)
        assert path.exists()
        trained, said = after_precedents(rows, path, before=before.precedents_in_force)
        assert not path.exists()
        assert trained.precedents_in_force == ""
        assert "this training does not confirm them" in said
        assert "Precedents in force: none." in said


def test_a_replaced_model_asks_for_a_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "similarity"
    trained = TrainingResult(
        ModelBuild("lsa", path, built=True, replaced=True), STATED.version, "asked"
    )
    for dry_run, advice in ((False, True), (True, False)):
        text = io.StringIO()
        training_report.show(replace(trained, dry_run=dry_run), Console(file=text, width=120))
        assert ("roost rebuild" in text.getvalue()) is advice
