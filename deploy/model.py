"""The similarity model's artefact: put together from the encoders and what training has learned."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from deploy.local import encoder_files
from deploy.local.artifacts import Say
from matcher.similarity import (
    HEAD,
    Encoders,
    Learned,
    SimilarityModel,
    expected_version,
    save_artefact,
    train,
    version_of,
)
from matcher.taxonomy import taxonomy

SHIPPED = files("roost") / "data" / "model" / HEAD
"""What the last training learned; comes with Roost, so that a start needs no training."""
TRAINING_THREADS = 2


def ensure(path: Path, say: Say = print) -> SimilarityModel:
    """The artefact at `path`, put together when it is missing or of another version.

    Raises CannotStart when the encoders cannot be fetched.
    """
    home = encoder_files.fetch(say)
    if version_of(path) != fitting_version(home):
        put_together(home, path, say)
    return SimilarityModel.load(path)


def fitting_version(home: Path) -> str:
    """The version that these encoders and the taxonomies of now give."""
    return expected_version(home / "encoders", taxonomy())


def put_together(home: Path, path: Path, say: Say, *, anew: bool = False) -> None:
    """Writes the artefact: what was learned, and the encoders of the cache folder.

    Learns anew, for minutes, only where it is asked for, or when what ships with Roost does not
    fit the encoders and the taxonomies.
    """
    version = fitting_version(home)
    learned = None if anew else shipped()
    if learned is None or learned.version != version:
        say("Training the similarity model (some minutes)")
        learned = train(
            Encoders.load(home / "encoders", threads=TRAINING_THREADS),
            version,
            lambda done, of: say(f"Read {done:,} of {of:,} occupation names"),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    save_artefact(learned, home / "encoders", path)


def shipped() -> Learned | None:
    if not SHIPPED.is_file():
        return None
    with as_file(SHIPPED) as file:
        return Learned.load(file)
