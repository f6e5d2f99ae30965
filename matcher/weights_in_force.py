"""The weights and precedents in force, from the files next to the similarity model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matcher.learned import load_weights
from matcher.precedent_files import load_precedents
from matcher.weights import Weights

WEIGHTS, PRECEDENTS = "weights.json", "precedents.json"


def weights_in_force(folder: Path) -> Weights:
    """Load the weights and precedents of a folder. Raises Invalid for an unusable file."""
    return replace(load_weights(folder / WEIGHTS), precedents=load_precedents(folder / PRECEDENTS))
