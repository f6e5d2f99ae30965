"""The shipped similarity model, composed once for the session, and apps that are freed again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.model_setup import ensure_model
from matcher.similarity import SimilarityModel
from tests.unit.app_caches import clear_app_caches


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compose the artefact and return its folder."""
    path = tmp_path_factory.mktemp("model") / "similarity"
    ensure_model(path)
    return path


@pytest.fixture(scope="session")
def model(artefact: Path) -> SimilarityModel:
    return SimilarityModel.load(artefact)


@pytest.fixture(scope="module", autouse=True)
def without_apps_of_other_modules() -> Iterator[None]:
    """Free the apps that the tests of a module made."""
    yield
    clear_app_caches()
