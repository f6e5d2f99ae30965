"""Score of a match as a bar chart for inline SVG, with a bar for each reason. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.events.match import Reason

LABEL, TRACK, NUMBER, STEP, BAR = 96, 210, 44, 26, 14
"""Widths of a label, a full bar and a number; height of a line; thickness of a bar."""


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """One reason and its points."""

    part: str
    points: float
    y: int
    length: float


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """Bars and measures of the drawing."""

    bars: Sequence[ScoreBar]
    height: int
    width: int = LABEL + TRACK + NUMBER
    label: int = LABEL
    track: int = TRACK
    thick: int = BAR


def score_chart_of(reasons: Sequence[Reason]) -> ScoreChart:
    """Return the bars of all reasons that count, on one scale so that they can be compared."""
    counted = [each for each in reasons if each.part != "next_step"]
    most = max((each.points for each in counted), default=0.0) or 1.0
    bars = [
        ScoreBar(
            each.part, each.points, at * STEP + 4, round(TRACK * max(0.0, each.points) / most, 1)
        )
        for at, each in enumerate(counted)
    ]
    return ScoreChart(bars, len(bars) * STEP + 4)
