"""A similarity model with another version, other vectors and the same opinions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from matcher.similarity import Encoders, Learned, SimilarityModel, quantized


def turned(artefact: Path, seed: int, version: str) -> SimilarityModel:
    """The model of an artefact, its space turned: likenesses stay, nearly every number changes."""
    learned = Learned.load(artefact / "head.npz")
    head = learned.head
    size = head.projection.shape[1]
    noise = np.random.default_rng(seed).standard_normal((size, size))
    turn = np.linalg.qr(noise)[0].astype(np.float32)
    other = replace(
        head,
        projection=head.projection @ turn,
        bridge=head.bridge @ turn,
        occupations=head.occupations @ turn,
    )
    names = quantized(learned.names.astype(np.float32) / 127 @ turn)
    encoders = artefact / "encoders"
    made = replace(learned, version=version, head=other, names=names)
    return SimilarityModel(Encoders.load(encoders), made, encoders)
