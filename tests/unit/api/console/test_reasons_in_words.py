"""Reasons on the pages of workers and employers: the largest parts, and past placements always."""

from __future__ import annotations

from typing import Any

from api.console.shell.saying import reasons


def match_with(**points: float) -> dict[str, Any]:
    return {
        "reasons": [
            {"part": part, "points": each, "en": f"{part} in words", "zh": part}
            for part, each in points.items()
        ]
    }


def test_the_largest_parts_come_first_and_those_without_points_are_left_out() -> None:
    match = match_with(wage=5.0, occupation=40.0, meals=0.0, distance=10.0, next_step=0.0)
    assert reasons(match, "zh") == ["occupation", "distance", "wage"]


def test_past_placements_are_always_among_them() -> None:
    match = match_with(occupation=40.0, skills=20.0, distance=10.0, wage=5.0, precedents=2.0)
    assert reasons(match, "en") == [
        "occupation in words",
        "skills in words",
        "distance in words",
        "precedents in words",
    ]
