"""Learned weights in a file: saved, loaded, and refused when the file is inconsistent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.learned import (
    load_version,
    load_weights,
    save_weights,
    versioned_weights,
)
from matcher.versioned_files import version_path
from matcher.weights import STATED
from roost.errors import Invalid
from tests.unit.matcher.simulated import TRUTH

OTHER = versioned_weights(
    dict.fromkeys(("wage", "nearness", "comfort", "skills"), 0.2)
    | {"experience": 0.1, "education": 0.1}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model" / "weights.json"


def changed(path: Path, **changes: Any) -> None:
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document | changes), encoding="utf-8")


def test_without_a_file_the_stated_weights_hold(path: Path) -> None:
    assert load_weights(path) == STATED


def test_what_was_saved_is_loaded(path: Path) -> None:
    save_weights(path, TRUTH, {"rows": 3000})
    assert load_weights(path) == TRUTH
    assert json.loads(path.read_text("utf-8"))["about"] == {"rows": 3000}


def test_every_earlier_version_is_kept(path: Path) -> None:
    save_weights(path, TRUTH, {})
    save_weights(path, OTHER, {})
    assert load_weights(path) == OTHER
    assert load_version(path, TRUTH.version) == TRUTH
    assert load_version(path, STATED.version) == STATED
    path.unlink()
    assert load_weights(path) == STATED
    assert load_version(path, OTHER.version) == OTHER


def test_nothing_half_written_is_left_behind(path: Path) -> None:
    save_weights(path, TRUTH, {})
    assert sorted(each.name for each in path.parent.rglob("*") if each.is_file()) == sorted(
        [path.name, version_path(path, TRUTH.version).name]
    )


def test_a_missing_version_is_reported(path: Path) -> None:
    with pytest.raises(Invalid, match="not kept"):
        load_version(path, "rank-4+00000000")


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}", "[" * 100_000, '{"base": 2}'])
def test_what_is_no_file_of_weights_is_refused(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=r"weights\.json cannot be used"):
        load_weights(path)


@pytest.mark.parametrize(
    "wage", [0.31, -0.01, "0.2", None, True, float("nan"), float("inf"), [0.2]]
)
def test_a_weight_out_of_bounds_is_refused_by_name(path: Path, wage: object) -> None:
    save_weights(path, TRUTH, {})
    weights = json.loads(path.read_text("utf-8"))["weights"]
    changed(path, weights=weights | {"wage": wage})
    with pytest.raises(Invalid, match=r"wage must be a number from 0 to 0\.3"):
        load_weights(path)


def test_a_weight_too_few_or_too_many_is_refused(path: Path) -> None:
    save_weights(path, TRUTH, {})
    weights = json.loads(path.read_text("utf-8"))["weights"]
    changed(path, weights=weights | {"age": 0.1})
    with pytest.raises(Invalid, match="must name exactly"):
        load_weights(path)
    del weights["wage"]
    changed(path, weights=weights)
    with pytest.raises(Invalid, match="must name exactly"):
        load_weights(path)


def test_values_changed_by_hand_do_not_pass_under_the_old_version(path: Path) -> None:
    save_weights(path, TRUTH, {})
    weights = json.loads(path.read_text("utf-8"))["weights"]
    changed(path, weights=weights | {"wage": 0.1})
    with pytest.raises(Invalid, match="not those that its version was made of"):
        load_weights(path)


def test_weights_for_another_way_of_scoring_give_way_to_the_stated_ones(path: Path) -> None:
    save_weights(path, TRUTH, {})
    changed(path, base="rank-1")
    assert load_weights(path) == STATED
