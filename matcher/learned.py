"""Learned weights as a file: bounds, versions, saving and loading.

`weights.json` holds the weights in force. The folder `weights/` next to it keeps every version, so
that a match, which names its version, can be explained later. Without `weights.json` the stated
weights apply.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from matcher.versioned_files import read_document, save_version, version_path
from matcher.weights import STATED, Weights
from roost.errors import Invalid

BOUNDS: dict[str, tuple[float, float]] = {
    "wage": (0.0, 0.3),
    "nearness": (0.0, 0.3),
    "comfort": (0.0, 0.2),
    "skills": (0.2, 0.9),
    "experience": (0.0, 0.35),
    "education": (0.0, 0.35),
}
"""Lower and upper bound of each weight.

The upper bounds of the worker's side add up to 0.8 and those of the employer's side to 0.7. Each
side therefore stays at most 1, and the fit alone earns at least a fifth of it.
"""
DIGITS = 4
"""Decimals of a stored weight."""


def versioned_weights(values: Mapping[str, float]) -> Weights:
    """Return weights with these values, rounded and bounded; the version is a hash of them."""
    rounded: dict[str, Any] = {
        name: round(min(most, max(least, float(values[name]))), DIGITS)
        for name, (least, most) in BOUNDS.items()
    }
    return replace(STATED, **rounded, version=_version(rounded))


def values_of(weights: Weights) -> dict[str, float]:
    """Return the learnable weights by name."""
    return {name: float(getattr(weights, name)) for name in BOUNDS}


def save_weights(path: Path, weights: Weights, about: Mapping[str, Any]) -> None:
    """Put weights in force atomically, and keep a copy under their version.

    `about` records their origin.
    """
    document = {
        "version": weights.version,
        "base": STATED.version,
        "weights": values_of(weights),
        "about": dict(about),
    }
    save_version(path, weights.version, document)


def load_weights(path: Path) -> Weights:
    """Load the weights in force: those of the file, or the stated ones without a file.

    Weights that were learned for another way of scoring do not apply; the stated ones hold until
    `roost train` learns new ones. Raises Invalid, with the file and its fault, for an unusable
    file.
    """
    if not path.exists():
        return STATED
    document = _read(path)
    return STATED if document["base"] != STATED.version else _weights(document, path)


def load_version(path: Path, version: str) -> Weights:
    """Load the weights of a version that a match names. Raises Invalid when they are missing."""
    if version == STATED.version:
        return STATED
    kept = version_path(path, version)
    if not kept.exists():
        raise Invalid(f"The weights {version} are not kept in {kept.parent}")
    return _weights(_read(kept), kept)


def _version(values: Mapping[str, float]) -> str:
    content = json.dumps({name: values[name] for name in sorted(values)})
    return f"{STATED.version}+{hashlib.blake2b(content.encode(), digest_size=4).hexdigest()}"


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_document(path)
    except ValueError as error:
        raise _wrong(path, str(error)) from error


def _weights(document: Mapping[str, Any], path: Path) -> Weights:
    values = document.get("weights")
    if not isinstance(values, dict) or set(values) != set(BOUNDS):
        raise _wrong(path, f"`weights` must name exactly {', '.join(BOUNDS)}")
    for name, (least, most) in BOUNDS.items():
        value = values[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not least <= value <= most:
            raise _wrong(path, f"{name} must be a number from {least:g} to {most:g}")
    weights = versioned_weights(values)
    if document.get("version") != weights.version:
        raise _wrong(path, "its values are not those that its version was made of")
    return weights


def _wrong(path: Path, what: str) -> Invalid:
    return Invalid(
        f"The weights in {path} cannot be used: {what}. "
        "Remove it to score by the stated weights until `roost train` has learned others."
    )
