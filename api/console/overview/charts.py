"""Charts as shapes in the units of a drawing, which the templates render as SVG. Pure.

No series is distinguished by colour alone: each has its own dashes and mark, and a table lists the
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 12, 30
MOST_LABELS = 8
BAR, GAP, NAMES = 20, 12, 180
MARK = 4.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Label of an axis and its position."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """Value of a series at one label."""

    x: float
    y: float
    mark: str
    """Outline of the series' mark at this point."""
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series as a line."""

    name: str
    number: int
    """Number of the dashes and the mark."""
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines with their axes."""

    width: int
    height: int
    left: int
    right: int
    floor: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[SeriesLine, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Value of one row as a horizontal bar; `over` says that it exceeds the target."""

    name: str
    y: float
    middle: float
    width: float
    value: float
    over: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars with their axis and the target."""

    width: int
    height: int
    left: int
    thick: int
    across: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    target: float | None
    floor: float


def line_chart(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    *,
    whole: bool = False,
) -> LineChart:
    """Return a line for each series; every series has one value per label.

    The axis of `whole` numbers, such as people, has no fractions.
    """
    most = max((value for _, values in series for value in values), default=0)
    top, step = axis_scale(most, whole=whole)
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(number: int) -> float:
        return _round(LEFT + (right - LEFT) * (number / max(len(labels) - 1, 1)))

    def y(value: float) -> float:
        return _round(floor - (floor - TOP) * value / top)

    def line(number: int, name: str, values: Sequence[float]) -> SeriesLine:
        at = [(x(place), y(value)) for place, value in enumerate(values)]
        points = tuple(
            Point(*where, mark_path(number, *where), value, label)
            for where, value, label in zip(at, values, labels, strict=True)
        )
        path = "M" + " L".join(f"{each[0]:g} {each[1]:g}" for each in at) if at else ""
        return SeriesLine(name, number % 4, path, points)

    every = max(1, math.ceil(len(labels) / MOST_LABELS))
    return LineChart(
        WIDTH,
        HEIGHT,
        LEFT,
        right,
        floor,
        tuple(Tick(x(at), label) for at, label in enumerate(labels) if at % every == 0),
        tuple(Tick(y(value), f"{value:.10g}") for value in _steps(top, step)),
        tuple(line(number, name, values) for number, (name, values) in enumerate(series)),
    )


def bar_chart(
    rows: Sequence[tuple[str, float]], target: float | None, *, whole: bool = False
) -> BarChart:
    """Return a horizontal bar for each row; one above the target is marked by its outline.

    The axis of `whole` numbers, such as people, has no fractions.
    """
    most = max([value for _, value in rows] + ([target] if target else []), default=0)
    top, step = axis_scale(most, whole=whole)
    right = WIDTH - RIGHT - LEFT

    def x(value: float) -> float:
        return _round(NAMES + (right - NAMES) * value / top)

    height = TOP + len(rows) * (BAR + GAP) + BOTTOM
    drawn = tuple(
        Bar(
            name,
            TOP + number * (BAR + GAP),
            TOP + number * (BAR + GAP) + BAR / 2,
            _round(x(value) - NAMES),
            value,
            target is not None and value > target,
        )
        for number, (name, value) in enumerate(rows)
    )
    across = tuple(Tick(x(value), f"{value:.10g}") for value in _steps(top, step))
    goal = x(target) if target is not None else None
    return BarChart(WIDTH, height, NAMES, BAR, across, drawn, goal, height - BOTTOM)


def mark_path(number: int, x: float, y: float) -> str:
    """Return the outline of a square, triangle, diamond or cross, by the number of the series."""
    size = MARK
    shapes = (
        f"M{x - size:g} {y - size:g}h{2 * size:g}v{2 * size:g}h{-2 * size:g}z",
        f"M{x:g} {y - size * 1.3:g}l{size * 1.3:g} {size * 2.2:g}h{-size * 2.6:g}z",
        f"M{x:g} {y - size * 1.4:g}l{size * 1.4:g} {size * 1.4:g}l{-size * 1.4:g} {size * 1.4:g}"
        f"l{-size * 1.4:g} {-size * 1.4:g}z",
        f"M{x - size:g} {y - 1:g}h{size - 1:g}v{-size + 1:g}h2v{size - 1:g}h{size - 1:g}v2"
        f"h{-size + 1:g}v{size - 1:g}h-2v{-size + 1:g}h{-size + 1:g}z",
    )
    return shapes[number % 4]


def axis_scale(most: float, *, whole: bool = False) -> tuple[float, float]:
    """Return the top of an axis that includes a value, and its step (1, 2 or 5 times 10^n).

    The step of a `whole` axis is a whole number.
    """
    if most <= 1:
        return 1, 1
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    step = max(step, 1) if whole or most >= 4 else step
    return math.ceil(most / step) * step, step


def _steps(top: float, step: float) -> list[float]:
    return [round(step * number, 6) for number in range(round(top / step) + 1)]


def _round(value: float) -> float:
    return round(value, 1)
