"""A second similarity model: the same encoders, another space."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import ortho_group

from matcher.head import DIMENSIONS, Head
from matcher.similarity import Encoders, Learned, SimilarityModel


def other_model(artefact: Path, version: str = "other-1", seed: int = 7) -> SimilarityModel:
    """Return an artefact's model with its space rotated, so that nearly every number differs."""
    learned = Learned.load(artefact / "head.npz")
    turn = ortho_group.rvs(DIMENSIONS, random_state=seed).astype(np.float32)
    head = Head(
        learned.head.centre,
        learned.head.projection @ turn,
        learned.head.bridge @ turn,
        learned.head.eastern @ turn,
        learned.head.occupations @ turn,
    )
    names = np.rint(learned.names.astype(np.float32) @ turn).clip(-127, 127).astype(np.int8)
    turned = replace(learned, version=version, head=head, names=names)
    encoders = artefact / "encoders"
    return SimilarityModel(Encoders.load(encoders), turned, encoders)
