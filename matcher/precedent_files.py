"""A model of precedents as a file: saving, loading, and its removal.

`precedents.json` holds the model in force. The folder `precedents/` next to it keeps every version,
so that a match, which names its version, can be computed again. Without the file, content alone
decides. A model holds lifts of pairs of vocabulary items and counts in buckets: no person.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from matcher.precedents import (
    MOST_LIFT,
    NO_PRECEDENTS,
    Lift,
    Precedents,
    versioned_precedents,
    vocabulary,
)
from matcher.versioned_files import read_document, save_version, version_path
from matcher.weights import STATED
from roost.errors import Invalid
from roost.rules.rounded_counts import bucket


def save_precedents(path: Path, precedents: Precedents, about: Mapping[str, Any]) -> None:
    """Put a model in force atomically, and keep a copy; `about` records its evidence."""
    lifts = [[*pair, each.points, each.placed] for pair, each in precedents.lifts.items()]
    document = {
        "version": precedents.version,
        "base": STATED.version,
        "vocabulary": _vocabulary_version(),
        "lifts": lifts,
        "about": dict(about),
    }
    save_version(path, precedents.version, document)


def withdraw_precedents(path: Path) -> None:
    """Let content alone decide; the copies of earlier versions stay."""
    path.unlink(missing_ok=True)


def load_precedents(path: Path) -> Precedents:
    """Load the model in force; none without a file, or for another scoring or vocabulary.

    Raises Invalid, with the file and its fault, for an unusable file.
    """
    return _precedents(path) if path.exists() else NO_PRECEDENTS


def load_precedents_version(path: Path, version: str) -> Precedents:
    """Load the model of a version that a match names. Raises Invalid when it is missing."""
    kept = version_path(path, version)
    if not kept.exists():
        raise Invalid(f"The precedents {version} are not kept in {kept.parent}")
    return _precedents(kept)


def _precedents(path: Path) -> Precedents:
    try:
        document = read_document(path)
        lifts = document.get("lifts")
        if (document["base"], document.get("vocabulary")) != (
            STATED.version,
            _vocabulary_version(),
        ):
            return NO_PRECEDENTS
        if not isinstance(lifts, list):
            raise ValueError("`lifts` must be a list")
        precedents = versioned_precedents(dict(map(_lift, lifts)))
        if document.get("version") != precedents.version:
            raise ValueError("its lifts are not those that its version was made of")
    except ValueError as error:
        raise Invalid(
            f"The precedents in {path} cannot be used: {error}. "
            "Remove it to score by content alone until `roost train` has learned others."
        ) from error
    return precedents


def _lift(entry: object) -> tuple[tuple[str, str], Lift]:
    """Return a lift with its pair of items. Raises ValueError for anything else."""
    match entry:
        case [str(skill), str(kind), int() | float() as points, int(placed)]:
            skills, kinds = vocabulary()
            known = skill in skills and kind in kinds
            amounts = not isinstance(points, bool) and math.isfinite(points)
            if known and amounts and abs(points) <= MOST_LIFT and placed == bucket(placed):
                return (skill, kind), Lift(float(points), placed)
    raise ValueError(f"{str(entry)[:80]} is no lift of items of the vocabulary")


@cache
def _vocabulary_version() -> str:
    """Return a hash of all items; a model of other items does not apply."""
    items = "\n".join("\t".join(sorted(each)) for each in vocabulary())
    return hashlib.blake2b(items.encode(), digest_size=4).hexdigest()
