"""The reasons of a score: every part in words with its points, and the next step.

Points are divided in tenths by the largest remainder, so that they add up to the score exactly. A
part that adds nothing is listed too: a missing requirement is also a reason.

Source: Hamilton's method of apportionment (largest remainder); Balinski and Young, "Fair
Representation" (1982).
"""

from __future__ import annotations

from matcher import suggestions, wording
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.parts import Parts
from roost.events.match import PRECEDENTS, PRIORITY, Reason

NEXT_STEP = "next_step"
"""An entry without points: how to raise the score, or what to do about the pair."""


def reasons_for(
    parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures
) -> tuple[Reason, ...]:
    """Return the parts, greatest first, followed by the next step."""
    reasons = [
        Reason(part=part, points=tenths / 10, en=words[0], zh=words[1])
        for part, tenths in _tenths(parts).items()
        for words in [wording.words_for(part, parts, opening, worker)]
    ]
    reasons.sort(key=lambda reason: (-reason.points, reason.part))
    step = suggestions.next_step(parts, opening, worker)
    return (*reasons, Reason(part=NEXT_STEP, points=0.0, en=step[0], zh=step[1]))


def _tenths(parts: Parts) -> dict[str, int]:
    """Return tenths of points of every part; their sum is ten times the score."""
    score = round(10 * parts.score)
    added = {PRECEDENTS: round(10 * parts.preceded), PRIORITY: round(10 * parts.boosted)}
    by_content = score - sum(added.values())
    shares = _shares(parts)
    total = sum(shares.values())
    exact = {part: by_content * share / total if total else 0.0 for part, share in shares.items()}
    tenths = {part: int(each) for part, each in exact.items()}
    most_left = sorted(exact, key=lambda part: (tenths[part] - exact[part], part))
    for part in most_left[: by_content - sum(tenths.values())] if total else []:
        tenths[part] += 1
    return tenths | {part: points for part, points in added.items() if points}


def _shares(parts: Parts) -> dict[str, float]:
    """Return each part's contribution to both sides; their sum is the sum of the sides."""
    w, fit, match = parts.weights, parts.fit, parts.match
    by_skills = 0.0 if parts.skills is None else w.skills * parts.skills
    unasked = 1 - w.experience - w.education
    shares = {
        "occupation": fit * (1 - w.wage - w.nearness - w.comfort) + unasked * (match - by_skills),
        "wage": fit * w.wage * parts.wage,
        "distance": fit * w.nearness * parts.nearness,
        "comfort": fit * w.comfort * parts.comfort,
        "experience": match * w.experience * parts.experience,
        "education": match * w.education * parts.education,
    }
    if parts.skills is not None:
        shares["skills"] = unasked * by_skills
    return shares
