"""The similarity model's artefact, composed from encoder files and the learned head."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from matcher.model_training import expected_version, train
from matcher.similarity import (
    HEAD,
    Encoders,
    Learned,
    assemble_artefact,
    save_artefact,
    version_of_head,
)
from roost.security.private_folders import private_folder
from roost.text.taxonomy import taxonomy

SHIPPED = files("roost") / "data" / "model" / HEAD
"""The head of the last training. It ships with Roost, so that a start needs no training."""
TRAINING_THREADS = 2


def fitting_version(encoders: Path) -> str:
    """Return the version of the model that these encoder files and the current taxonomies give."""
    return expected_version(encoders, taxonomy())


def compose_artefact(
    encoders: Path, path: Path, say: Callable[[str], object], *, retrain: bool = False
) -> None:
    """Write the artefact at `path` from the encoder files and the learned head.

    The head is trained, which takes minutes, only with `retrain`, or when the shipped one does
    not fit the encoders and the taxonomies.
    """
    version = fitting_version(encoders)
    private_folder(path.parent)
    if not retrain and SHIPPED.is_file():
        with as_file(SHIPPED) as head:
            if version_of_head(head) == version:
                assemble_artefact(lambda target: shutil.copyfile(head, target), encoders, path)
                return
    say("Training the similarity model (some minutes)")
    learned = train(
        Encoders.load(encoders, threads=TRAINING_THREADS),
        version,
        lambda done, of: say(f"Read {done:,} of {of:,} occupation names"),
    )
    save_artefact(learned, encoders, path)


def shipped_head() -> Learned | None:
    """Return the head that ships with Roost; None in a tree without it."""
    if not SHIPPED.is_file():
        return None
    with as_file(SHIPPED) as file:
        return Learned.load(file)
