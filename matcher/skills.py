"""Which of the skills that an opening asks for a worker has."""

from __future__ import annotations

from matcher.features import OpeningFeatures, WorkerFeatures


def has(worker: WorkerFeatures, skill: str) -> bool:
    """The skill itself, or one that contains it or is contained in it (焊接, 电焊接).

    Latin letters by whole words: java is not in javascript.
    """
    return any(own == skill or _within(own, skill) or _within(skill, own) for own in worker.skills)


def _within(short: str, long: str) -> bool:
    if short.isascii():
        return f" {short} " in f" {long} "
    return len(short) > 1 and short in long


def lacking(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Skills asked for or liked that the worker does not name."""
    asked = (*opening.skills, *opening.preferred_skills)
    return [skill for skill in dict.fromkeys(asked) if not has(worker, skill)]


def missing(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Required skills that the worker does not name."""
    return [skill for skill in opening.skills if not has(worker, skill)]


def coverage(opening: OpeningFeatures, worker: WorkerFeatures) -> float | None:
    """Share of the skills met, a preferred one counting half; None when none are asked for."""
    required, preferred = opening.skills, opening.preferred_skills
    if not required and not preferred:
        return None
    met = sum(has(worker, skill) for skill in required)
    liked = sum(has(worker, skill) for skill in preferred)
    return (met + 0.5 * liked) / (len(required) + 0.5 * len(preferred))
