"""The similarity model of a data folder, composed from downloaded encoder files."""

from __future__ import annotations

from pathlib import Path

from deploy.local import encoder_files
from deploy.local.artifacts import Say
from matcher.similarity import SimilarityModel, version_of
from streams.learning.model_artefact import compose_artefact, fitting_version


def ensure_model(path: Path, say: Say = print) -> SimilarityModel:
    """Load the artefact at `path`, composed as `ensure_artefact` does. Raises CannotStart."""
    ensure_artefact(path, say)
    return SimilarityModel.load(path)


def ensure_artefact(path: Path, say: Say = print) -> str:
    """Compose the artefact at `path` when it is missing or of another version; return its version.

    `say` receives both versions when one replaces another. The model is not loaded. Raises
    CannotStart when the encoder files cannot be fetched.
    """
    encoders = encoder_files.fetch(say) / "encoders"
    version = fitting_version(encoders)
    former = version_of(path)
    if former != version:
        if former:
            say(f"The similarity model {former} is replaced by this release's {version}")
        compose_artefact(encoders, path, say)
    return version
