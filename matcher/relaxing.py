"""The one condition that keeps most candidates away, and the value that would admit them (pure).

Each criterion is relaxed alone, all others stay: "3 openings if the wage were 4,500", "5 openings
within 60 km". The value is the smallest change that admits `ENOUGH` candidates, or all if they are
fewer, rounded to a figure that people say. Every figure counts pairs that would be proposed: the
obstacle is their only one, and their score reaches the least score.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matcher.eligibility import distance
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.constraints.needs import begins
from roost.places.gazetteer import distance_km

CRITERIA = ("place", "wage", "shift", "lodging", "availability", "licence", "currency")
"""Obstacles that a change of one value removes, in the order in which equal gains are shown."""
ENOUGH = 3
"""Candidates that a suggested value should admit."""
STEPS_KM = (5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000)
ROUND_WAGE = 100.0
"""Wages a month are rounded to this in the worker's or employer's favour, if they are higher."""
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A changed condition and its gain.

    `value` is a wage a month, kilometres, an ISO date, a shift, a licence or a currency, by the
    criterion; None where the condition would be dropped.
    """

    criterion: str
    gain: int
    value: Value = None


def relaxations_for_worker(
    worker: WorkerFeatures, blocked: Mapping[str, Sequence[OpeningFeatures]], today: date
) -> list[Relaxation]:
    """Return what would give a worker openings, the greatest gain first.

    `blocked` are the openings that each criterion alone keeps away.
    """
    found: Mapping[str, Callable[[Any], tuple[int, Value]]] = {
        "place": lambda many: _within(_away(each, worker) for each in many),
        "wage": lambda many: _lower_wage([each.wage_high or 0.0 for each in many]),
        "shift": lambda many: _most_common(each.shifts for each in many),
        "lodging": lambda many: (len(many), None),
        "availability": lambda many: _day([begins(each, today) for each in many], latest=True),
        "licence": lambda many: _one_licence(many, [worker] * len(many)),
        "currency": lambda many: _most_common([each.currency] for each in many),
    }
    return _sorted(
        Relaxation(name, *found[name](blocked[name])) for name in CRITERIA if blocked.get(name)
    )


def relaxations_for_opening(
    opening: OpeningFeatures, blocked: Mapping[str, Sequence[WorkerFeatures]], today: date
) -> list[Relaxation]:
    """Return what would give an opening workers, the greatest gain first.

    `blocked` are the workers whom each criterion alone keeps away.
    """
    found: Mapping[str, Callable[[Any], tuple[int, Value]]] = {
        "place": lambda many: _within(_away(opening, each) for each in many),
        "wage": lambda many: _higher_wage([each.wage_floor for each in many]),
        "shift": lambda many: _most_common(each.shifts for each in many),
        "lodging": lambda many: (len(many), None),
        "availability": lambda many: _day([each.available_from for each in many], latest=False),
        "licence": lambda many: _one_licence([opening] * len(many), many),
        "currency": lambda many: _most_common([each.currency] for each in many),
    }
    return _sorted(
        Relaxation(name, *found[name](blocked[name])) for name in CRITERIA if blocked.get(name)
    )


def _sorted(found: Iterable[Relaxation]) -> list[Relaxation]:
    return sorted((each for each in found if each.gain), key=lambda each: -each.gain)


def _lower_wage(wages: Sequence[float]) -> tuple[int, Value]:
    """Return the wish that admits enough of these highest wages, rounded down."""
    value = sorted(wages, reverse=True)[:ENOUGH][-1]
    value = _rounded(value, math.floor)
    return sum(each >= value for each in wages), value


def _higher_wage(floors: Sequence[float]) -> tuple[int, Value]:
    """Return the wage that meets enough of these wishes, rounded up."""
    value = sorted(floors)[:ENOUGH][-1]
    value = _rounded(value, math.ceil)
    return sum(each <= value for each in floors), value


def _rounded(wage: float, to: Callable[[float], int]) -> float:
    if wage <= ROUND_WAGE:
        return wage
    return to(wage / ROUND_WAGE) * ROUND_WAGE


def _away(opening: OpeningFeatures, worker: WorkerFeatures) -> float | None:
    """Return the kilometres to the work from where the worker wants to work: at home, or here."""
    if not worker.near_home_only:
        return distance(opening, worker)
    if opening.point is None or worker.home_point is None:
        return None
    return distance_km(*opening.point, *worker.home_point)


def _within(distances: Iterable[float | None]) -> tuple[int, Value]:
    """Return the radius that admits enough; without known distances, the number of all."""
    many = list(distances)
    known = sorted(each for each in many if each is not None)
    if not known:
        return len(many), None
    needed = known[:ENOUGH][-1]
    radius = next((each for each in STEPS_KM if each >= needed), None)
    if radius is None:
        return len(many), None
    return sum(each <= radius for each in known), float(radius)


def _day(days: Sequence[int], *, latest: bool) -> tuple[int, Value]:
    """Return the day on which enough could begin, the smallest change from the stated one."""
    value = sorted(days, reverse=latest)[:ENOUGH][-1]
    gain = sum(each >= value if latest else each <= value for each in days)
    return gain, date.fromordinal(value).isoformat()


def _one_licence(
    openings: Sequence[OpeningFeatures], workers: Sequence[WorkerFeatures]
) -> tuple[int, Value]:
    """Return the licence that alone is missing in most pairs."""
    missing = [
        set(opening.licences) - set(worker.licences)
        for opening, worker in zip(openings, workers, strict=True)
    ]
    return _most_common(each for each in missing if len(each) == 1)


def _most_common(values: Iterable[Iterable[str]]) -> tuple[int, Value]:
    counts = Counter(value for each in values for value in set(each))
    if not counts:
        return 0, None
    value, number = min(counts.items(), key=lambda each: (-each[1], each[0]))
    return number, value
