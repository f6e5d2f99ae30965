"""Comparison of an opening's skills with those of a worker."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.text.skill_names import one_name


def has(worker: WorkerFeatures, skill: str) -> bool:
    """Return whether a worker has a skill, by any of its names (砌墙, 砌砖) or by containment.

    A skill also matches one that contains it or is contained in it (焊接, 电焊接).
    Latin letters match by whole words: java is not in javascript.
    """
    return _among(worker.skills, skill)


def _among(own: Sequence[str], skill: str) -> bool:
    if skill in own:
        return True
    meaning = one_name(skill)
    return any(
        one_name(each) == meaning or _within(each, skill) or _within(skill, each) for each in own
    )


def _within(short: str, long: str) -> bool:
    if short not in long:
        return False
    return f" {short} " in f" {long} " if short.isascii() else len(short) > 1


def lacking(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Return the required and preferred skills that the worker does not name."""
    requested = (*opening.skills, *opening.preferred_skills)
    return [skill for skill in requested if not has(worker, skill)]


def missing(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Return the required skills that the worker does not name."""
    return [skill for skill in opening.skills if not has(worker, skill)]


READ = 0.25
"""Weight of a skill that only the text names; required ones weigh 1, preferred ones 0.5."""


def read_met(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Return the skills that only the text names and the worker has."""
    return [skill for skill in opening.read_skills if has(worker, skill)]


def coverage(
    opening: OpeningFeatures, worker: WorkerFeatures, learned: Sequence[str] = ()
) -> float | None:
    """Return the share of skills met, preferred ones counting half; None when none are asked.

    Skills that only the text names count a quarter, and only if that raises the share: a reading
    may be wrong, and must not cost a worker an opening.

    `learned` are additional skills, as if the worker had them.
    """
    required, preferred = opening.skills, opening.preferred_skills
    if not required and not preferred:
        return None
    own = [*worker.skills, *learned] if learned else worker.skills
    met = sum(_among(own, skill) for skill in required)
    liked = sum(_among(own, skill) for skill in preferred)
    earned, asked = met + 0.5 * liked, len(required) + 0.5 * len(preferred)
    read = READ * sum(_among(own, skill) for skill in opening.read_skills)
    return max(earned / asked, (earned + read) / (asked + READ * len(opening.read_skills)))
