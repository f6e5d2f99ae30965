"""The shipped similarity model, composed once for the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.model_setup import ensure_model
from matcher.similarity import SimilarityModel


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compose the artefact and return its folder."""
    path = tmp_path_factory.mktemp("model") / "similarity"
    ensure_model(path)
    return path


@pytest.fixture(scope="session")
def model(artefact: Path) -> SimilarityModel:
    return SimilarityModel.load(artefact)
