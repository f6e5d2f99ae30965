"""Which of the skills that an opening asks for a worker has."""

from __future__ import annotations

from matcher.features import OpeningFeatures, WorkerFeatures


def has(worker: WorkerFeatures, skill: str) -> bool:
    """The skill itself, or one that contains it or is contained in it (焊接, 电焊接)."""
    return any(
        own == skill or (len(own) > 1 and own in skill) or (len(skill) > 1 and skill in own)
        for own in worker.skills
    )


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
