"""A score as bars, one for each reason, as SVG that a page may hold: no style, no script. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.events.match import Reason

LABEL, TRACK, NUMBER, STEP, BAR = 96, 210, 44, 26, 14


@dataclass(frozen=True, slots=True)
class Bar:
    part: str
    points: float
    y: int
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    bars: Sequence[Bar]
    height: int
    width: int = LABEL + TRACK + NUMBER
    label: int = LABEL
    track: int = TRACK
    thick: int = BAR


def of(reasons: Sequence[Reason]) -> Chart:
    """Bars of those that add something or could; all on one scale, so that they compare."""
    told = [each for each in reasons if each.part != "next_step"]
    most = max((each.points for each in told), default=0.0) or 1.0
    bars = [
        Bar(each.part, each.points, at * STEP + 4, round(TRACK * max(0.0, each.points) / most, 1))
        for at, each in enumerate(told)
    ]
    return Chart(bars, len(bars) * STEP + 4)
