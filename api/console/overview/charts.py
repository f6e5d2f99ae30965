"""Charts as shapes in a drawing's own units: pure. The templates draw them as SVG.

No series is told by colour alone: each has its dashes and its mark, and a table says the numbers.
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
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    mark: str
    """The outline of the series' mark at this point."""
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    number: int
    """Which dashes and mark it has."""
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    width: int
    height: int
    left: int
    right: int
    floor: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    y: float
    middle: float
    width: float
    value: float
    over: bool


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    left: int
    thick: int
    across: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    target: float | None
    floor: float


def lines(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> Lines:
    """A line for each series over the labels; all have as many values as there are labels."""
    top, step = scale(max((value for _, values in series for value in values), default=0))
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(number: int) -> float:
        return _round(LEFT + (right - LEFT) * (number / max(len(labels) - 1, 1)))

    def y(value: float) -> float:
        return _round(floor - (floor - TOP) * value / top)

    def line(number: int, name: str, values: Sequence[float]) -> Line:
        at = [(x(place), y(value)) for place, value in enumerate(values)]
        points = tuple(
            Point(*where, mark(number, *where), value, label)
            for where, value, label in zip(at, values, labels, strict=True)
        )
        path = "M" + " L".join(f"{each[0]:g} {each[1]:g}" for each in at) if at else ""
        return Line(name, number % 4, path, points)

    every = max(1, math.ceil(len(labels) / MOST_LABELS))
    return Lines(
        WIDTH,
        HEIGHT,
        LEFT,
        right,
        floor,
        tuple(Tick(x(at), label) for at, label in enumerate(labels) if at % every == 0),
        tuple(Tick(y(value), f"{value:g}") for value in _steps(top, step)),
        tuple(line(number, name, values) for number, (name, values) in enumerate(series)),
    )


def bars(rows: Sequence[tuple[str, float]], target: float | None) -> Bars:
    """A lying bar for each row; what is above the target is told apart by its outline."""
    most = max([value for _, value in rows] + ([target] if target else []), default=0)
    top, step = scale(most)
    right = WIDTH - RIGHT - LEFT

    def x(value: float) -> float:
        return _round(NAMES + (right - NAMES) * value / top)

    height = TOP + len(rows) * (BAR + GAP) + BOTTOM
    made = tuple(
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
    across = tuple(Tick(x(value), f"{value:g}") for value in _steps(top, step))
    goal = x(target) if target is not None else None
    return Bars(WIDTH, height, NAMES, BAR, across, made, goal, height - BOTTOM)


def mark(number: int, x: float, y: float) -> str:
    """A square, a triangle, a diamond or a cross, by the number of the series."""
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


def scale(most: float) -> tuple[float, float]:
    """(the top of an axis that holds the value, the distance of its lines): 1, 2 or 5 times ten."""
    if most <= 1:
        return 1, 1
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    step = max(step, 1) if most >= 4 else step
    return math.ceil(most / step) * step, step


def _steps(top: float, step: float) -> list[float]:
    return [round(step * number, 6) for number in range(round(top / step) + 1)]


def _round(value: float) -> float:
    return round(value, 1)
