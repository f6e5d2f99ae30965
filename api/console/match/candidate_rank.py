"""Rank of a match among the candidates of its opening, and what makes the difference. Pure.

Ranks and differences are of the points as shown, in tenths: candidates that show the same score
have the same rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.console.shell.translations import Say
from roost.events.match import Match

MOST_PARTS = 3
"""Most parts of a score that a difference names."""
Difference = tuple[str, float]
"""A part of the score, and the points by which it differs."""


@dataclass(frozen=True, slots=True)
class CandidateRank:
    """Place of a match among candidates, and its difference to the next one."""

    rank: int
    candidates: int
    points: float
    """Points to the next better candidate, or of the best one to the second; 0 if equal."""
    parts: tuple[Difference, ...]


def rank_among(match: Match, all_matches: Sequence[Match]) -> CandidateRank | None:
    """Return the standing of a match; None if it is not among the others or alone."""
    ranked = sorted(all_matches, key=lambda each: (-_tenths(each.score), each.id))
    at = next((at for at, each in enumerate(ranked) if each.id == match.id), None)
    if at is None or len(ranked) < 2:
        return None
    better = sum(_tenths(each.score) > _tenths(match.score) for each in ranked)
    other = ranked[at - 1 if at else 1]
    return CandidateRank(
        rank=better + 1,
        candidates=len(ranked),
        points=(_tenths(match.score) - _tenths(other.score)) / 10,
        parts=differences(_points(match), _points(other)),
    )


def differences(mine: Mapping[str, float], other: Mapping[str, float]) -> tuple[Difference, ...]:
    """Return the parts that differ most, greatest first."""
    deltas = {
        part: _tenths(mine.get(part, 0.0)) - _tenths(other.get(part, 0.0))
        for part in {*mine, *other}
    }
    found = [(part, tenths / 10) for part, tenths in deltas.items() if tenths]
    found.sort(key=lambda each: (-abs(each[1]), each[0]))
    return tuple(found[:MOST_PARTS])


def points_by_part(reasons: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the points of a match's reasons, as a fact holds them."""
    return {each["part"]: each["points"] for each in reasons}


def difference_words(parts: Sequence[Difference], say: Say) -> str:
    """Return differences in words: `Distance −1.5, Wage +0.6`."""
    signed = (
        f"{say(f'match.parts.{part}')} {'+' if points > 0 else '−'}{abs(points):.1f}"
        for part, points in parts
    )
    return say("words.separator").join(signed)


def rank_words(standing: CandidateRank | None, say: Say) -> str:
    """Return a standing as a short line; empty without one."""
    if standing is None:
        return ""
    key = "equal" if not standing.points else "behind" if standing.points < 0 else "ahead"
    if key == "equal" and standing.parts:
        key = "equal_parts"
    rank = say("match.standing.rank", rank=standing.rank, n=standing.candidates)
    points = f"{abs(standing.points):.1f}"
    parts = difference_words(standing.parts, say)
    gap = say(f"match.standing.{key}", points=points, parts=parts)
    return say("match.standing.line", rank=rank, gap=gap)


def _points(match: Match) -> dict[str, float]:
    return {each.part: each.points for each in match.reasons}


def _tenths(points: float) -> int:
    return round(10 * points)
