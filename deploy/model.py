"""The similarity model's artefact: put together from the encoders and what training has learned."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from deploy.local import encoders
from deploy.local.artifacts import Say
from matcher.similarity import Encoders, Learned, Progress, SimilarityModel, expected_version, train
from matcher.taxonomy import taxonomy

SHIPPED = files("roost") / "data" / "model" / "head.npz"
"""What the last training learned; comes with Roost, so that a start needs no training."""
TRAINING_THREADS = 2


def ensure(path: Path, say: Say = print) -> SimilarityModel:
    """The artefact at `path`, put together when it is missing or of another version.

    Trains only when what ships with Roost does not fit the encoders and the taxonomies.
    Raises CannotStart when the encoders cannot be fetched.
    """
    home = encoders.fetch(say)
    version = expected_version(home / "encoders", taxonomy())
    if (path / "head.npz").exists() and Learned.load(path / "head.npz").version == version:
        return SimilarityModel.load(path)
    learned = shipped()
    if learned is None or learned.version != version:
        say("Training the similarity model (some minutes)")
        learned = trained(home, version)
    return put_together(learned, home, path)


def shipped() -> Learned | None:
    if not SHIPPED.is_file():
        return None
    with as_file(SHIPPED) as file:
        return Learned.load(file)


def trained(home: Path, version: str, told: Progress = lambda done, of: None) -> Learned:
    """Learns anew from the taxonomies; some minutes, the same every time."""
    return train(Encoders.load(home / "encoders", threads=TRAINING_THREADS), version, told)


def put_together(learned: Learned, home: Path, path: Path) -> SimilarityModel:
    """Writes the artefact: what was learned, and the encoders from the cache folder."""
    folder = home / "encoders"
    path.parent.mkdir(parents=True, exist_ok=True)
    SimilarityModel(Encoders.load(folder), learned, folder).save(path)
    return SimilarityModel.load(path)
