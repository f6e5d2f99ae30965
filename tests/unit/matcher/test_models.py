"""Similarity models are kept by version, and one of them is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import structlog

from matcher import models
from matcher.similarity import SimilarityModel
from roost.errors import Invalid, Transient
from tests.models import other_model


@pytest.fixture(scope="module")
def shipped(model: SimilarityModel) -> SimilarityModel:
    return model


@pytest.fixture(scope="module")
def other(artefact: Path) -> SimilarityModel:
    return other_model(artefact)


def test_without_an_installed_model_it_is_the_one_that_comes_with_roost(
    tmp_path: Path, shipped: SimilarityModel
) -> None:
    with pytest.raises(Transient, match="roost train"):
        models.installed(tmp_path)
    assert models.installed_version(tmp_path) == ""
    shipped.save(tmp_path / models.SHIPPED)
    assert models.installed(tmp_path).version == shipped.version
    assert models.installed_version(tmp_path) == shipped.version
    assert models.of_version(tmp_path, shipped.version).version == shipped.version


def test_two_versions_are_at_hand_side_by_side(
    tmp_path: Path, shipped: SimilarityModel, other: SimilarityModel
) -> None:
    models.install(shipped, tmp_path)
    models.install(other, tmp_path)
    assert models.installed(tmp_path).version == other.version
    for model in (shipped, other):
        again = models.of_version(tmp_path, model.version)
        assert np.array_equal(again.embed(["电焊工"]), model.embed(["电焊工"]))


def test_a_version_that_is_kept_is_never_changed(
    tmp_path: Path, other: SimilarityModel, artefact: Path
) -> None:
    models.keep(other, tmp_path)
    impostor = other_model(artefact, other.version, seed=8)
    models.keep(impostor, tmp_path)
    kept = models.of_version(tmp_path, other.version)
    assert np.array_equal(kept.embed(["电焊工"]), other.embed(["电焊工"]))
    assert [each.name for each in (tmp_path / "versions").iterdir()] == [other.version]


def test_a_version_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="nowhere-1 is not in"):
        models.of_version(tmp_path, "nowhere-1")


def with_other_encoders(artefact: Path) -> None:
    encoders = artefact / "encoders"
    (encoders / "bge-small-en").rename(encoders / "bge-small-en.onnx")


def without_the_eastern_bridge(artefact: Path) -> None:
    with np.load(artefact / "head.npz") as stored:
        arrays = {name: stored[name] for name in stored.files if name != "eastern"}
    (artefact / "head.npz").unlink()
    np.savez_compressed(artefact / "head.npz", **arrays)


@pytest.mark.parametrize("change", [with_other_encoders, without_the_eastern_bridge])
def test_a_model_of_an_earlier_release_is_left_for_the_shipped_one(
    tmp_path: Path,
    shipped: SimilarityModel,
    other: SimilarityModel,
    change: Callable[[Path], None],
) -> None:
    shipped.save(tmp_path / models.SHIPPED)
    models.install(other, tmp_path)
    change(tmp_path / "versions" / other.version / "artefact")
    with structlog.testing.capture_logs() as logged:
        assert models.installed(tmp_path).version == shipped.version
    assert [(each["event"], each["version"], each["used"]) for each in logged] == [
        ("installed_model_unusable", other.version, shipped.version)
    ]
    assert models.installed_version(tmp_path) == shipped.version
    with pytest.raises(Transient, match=f"{other.version} was made by another release"):
        models.of_version(tmp_path, other.version)


@pytest.mark.parametrize("version", ["", "../up", ".hidden", "a/b", "a b"])
def test_a_version_that_is_no_file_name_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(Invalid):
        models.of_version(tmp_path, version)


def test_the_vectors_of_a_model_say_how_long_they_are(other: SimilarityModel) -> None:
    assert models.dimensions(other) == other.embed(["电焊工"]).shape[1]


def test_an_artefact_is_kept_as_its_model_would_be(
    tmp_path: Path, artefact: Path, shipped: SimilarityModel
) -> None:
    models.keep_artefact(artefact, tmp_path)
    models.keep_artefact(artefact, tmp_path)
    kept = models.of_version(tmp_path, shipped.version)
    assert np.array_equal(kept.embed(["电焊工"]), shipped.embed(["电焊工"]))


def test_a_stored_model_is_loaded_once_and_only_when_it_is_used(other: SimilarityModel) -> None:
    loads: list[SimilarityModel] = []

    def load() -> SimilarityModel:
        loads.append(other)
        return other

    stored = models.StoredModel(other.version, load)
    assert not loads
    assert stored.loaded is stored.loaded
    assert len(loads) == 1
