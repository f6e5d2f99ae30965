"""A model of precedents in a file: saved, loaded, refused when altered, removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.precedent_files import (
    load_precedents,
    load_precedents_version,
    save_precedents,
    withdraw_precedents,
)
from matcher.precedents import NO_PRECEDENTS, Lift, versioned_precedents
from matcher.versioned_files import version_path
from roost.errors import Invalid

LIFTS = {
    ("skill/welding", "zh:6-29-01"): Lift(4.5, 10),
    ("skill/cooking", "zh:6-29-01"): Lift(-2.0, 0),
}
MODEL = versioned_precedents(LIFTS)
OTHER = versioned_precedents({("skill/cooking", "zh:6-18-01"): Lift(3.0, 5)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model" / "precedents.json"


def changed(path: Path, **changes: Any) -> None:
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document | changes), encoding="utf-8")


def test_without_a_file_there_are_none(path: Path) -> None:
    assert load_precedents(path) == NO_PRECEDENTS


def test_a_saved_model_is_loaded_and_every_version_is_kept(path: Path) -> None:
    save_precedents(path, MODEL, {"rows": 300})
    save_precedents(path, OTHER, {})
    assert load_precedents(path) == OTHER
    assert load_precedents_version(path, MODEL.version) == MODEL
    withdraw_precedents(path)
    withdraw_precedents(path)
    assert load_precedents(path) == NO_PRECEDENTS
    assert load_precedents_version(path, OTHER.version) == OTHER


def test_the_version_is_that_of_the_lifts_in_any_order(path: Path) -> None:
    assert versioned_precedents(dict(reversed(LIFTS.items()))) == MODEL
    assert versioned_precedents(LIFTS | {("skill/cooking", "zh:6-29-01"): Lift(-2.1, 0)}) != MODEL


def test_a_missing_version_is_reported(path: Path) -> None:
    with pytest.raises(Invalid, match="not kept"):
        load_precedents_version(path, "precedents-1+00000000")


@pytest.mark.parametrize("name", ["base", "vocabulary"])
def test_a_model_for_another_scoring_or_vocabulary_does_not_apply(path: Path, name: str) -> None:
    save_precedents(path, MODEL, {})
    changed(path, **{name: "other"})
    assert load_precedents(path) == NO_PRECEDENTS


@pytest.mark.parametrize(
    "entry",
    [
        ["skill/woman", "zh:6-29-01", 4.5, 10],
        ["w-abcdefgh", "zh:6-29-01", 4.5, 10],
        ["skill/welding", "skill/welding", 4.5, 10],
        ["skill/welding", "zh:6-29-01", 101.0, 10],
        ["skill/welding", "zh:6-29-01", float("nan"), 10],
        ["skill/welding", "zh:6-29-01", True, 10],
        ["skill/welding", "zh:6-29-01", 4.5, 12],
        ["skill/welding", "zh:6-29-01", 4.5, 3],
        ["skill/welding", "zh:6-29-01", 4.5],
        "skill/welding",
        None,
    ],
)
def test_other_items_counts_and_points_are_refused(path: Path, entry: object) -> None:
    save_precedents(path, MODEL, {})
    changed(path, lifts=[entry])
    with pytest.raises(Invalid, match="is no lift"):
        load_precedents(path)


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}", "[" * 100_000, '{"base": 2}'])
def test_a_file_of_something_else_is_refused(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=r"precedents\.json cannot be used"):
        load_precedents(path)


def test_lifts_edited_by_hand_are_refused(path: Path) -> None:
    save_precedents(path, MODEL, {})
    changed(path, lifts=[["skill/welding", "zh:6-29-01", 5.5, 10]])
    with pytest.raises(Invalid, match="its version"):
        load_precedents(path)
    changed(path, lifts={})
    with pytest.raises(Invalid, match="must be a list"):
        load_precedents(path)


def test_nothing_half_written_is_left_and_no_person_is_in_it(path: Path) -> None:
    save_precedents(path, MODEL, {})
    assert sorted(each.name for each in path.parent.rglob("*") if each.is_file()) == sorted(
        [path.name, version_path(path, MODEL.version).name]
    )
    assert set(json.loads(path.read_text("utf-8"))) == {
        "version",
        "base",
        "vocabulary",
        "lifts",
        "about",
    }
