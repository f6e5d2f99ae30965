"""Learned weights as a file: which values are allowed, how they are named, kept and loaded.

`weights.json` holds what is in force; beside it the folder `weights/` keeps every version that
ever was, so that a match, which names its version, can be explained later. Removing `weights.json`
goes back to the stated weights.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

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
"""The least and the most of each weight. The most of the worker's side adds up to 0.8 and of the
employer's to 0.7, so each side stays at most 1 and the fit alone earns a fifth of it or more."""
DIGITS = 4


def versioned(values: Mapping[str, float]) -> Weights:
    """Weights with these values, rounded, in bounds, named after their content."""
    rounded = {
        name: round(min(most, max(least, float(values[name]))), DIGITS)
        for name, (least, most) in BOUNDS.items()
    }
    return replace(STATED, **rounded, version=_version(rounded))


def values_of(weights: Weights) -> dict[str, float]:
    """The weights that can be learned, by name."""
    return {name: float(getattr(weights, name)) for name in BOUNDS}


def save_weights(path: Path, weights: Weights, about: Mapping[str, Any]) -> None:
    """Puts weights in force, in one step, and keeps them among the earlier versions.

    `about` says what they were learned from. A reader sees the old file or the new one.
    """
    document = {
        "version": weights.version,
        "base": STATED.version,
        "weights": values_of(weights),
        "about": dict(about),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    for target in (kept_at(path, weights.version), path):
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)


def load_weights(path: Path) -> Weights:
    """The weights in force: the file's, or the stated ones when there is none.

    Weights that were learned for another way of scoring do not fit this one: the stated ones hold
    until `roost train` learns anew. Raises Invalid, naming the file and what is wrong with it.
    """
    if not path.exists():
        return STATED
    document = _read(path)
    return STATED if document["base"] != STATED.version else _weights(document, path)


def load_version(path: Path, version: str) -> Weights:
    """The weights of a version that a match names. Raises Invalid when they were not kept."""
    if version == STATED.version:
        return STATED
    kept = kept_at(path, version)
    if not kept.exists():
        raise Invalid(f"The weights {version} are not kept in {kept.parent}")
    return _weights(_read(kept), kept)


def kept_at(path: Path, version: str) -> Path:
    """Where a version is kept for good, beside the file in force."""
    return path.parent / "weights" / f"{version}.json"


def _version(values: Mapping[str, float]) -> str:
    content = json.dumps({name: values[name] for name in sorted(values)})
    return f"{STATED.version}+{hashlib.blake2b(content.encode(), digest_size=4).hexdigest()}"


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong(path, "it is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("base"), str):
        raise _wrong(path, "it names no `base`, the way of scoring that it is for")
    return document


def _weights(document: Mapping[str, Any], path: Path) -> Weights:
    values = document.get("weights")
    if not isinstance(values, dict) or set(values) != set(BOUNDS):
        raise _wrong(path, f"`weights` must name exactly {', '.join(BOUNDS)}")
    for name, (least, most) in BOUNDS.items():
        value = values[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not least <= value <= most:
            raise _wrong(path, f"{name} must be a number from {least:g} to {most:g}")
    weights = versioned(values)
    if document.get("version") != weights.version:
        raise _wrong(path, "its values are not those that its version was made of")
    return weights


def _wrong(path: Path, what: str) -> Invalid:
    return Invalid(
        f"The weights in {path} cannot be used: {what}. "
        "Remove it to score by the stated weights until `roost train` has learned others."
    )
