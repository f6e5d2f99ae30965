"""The hard constraints of one pair: what stands in the way, or nothing.

`roost.constraints.constraint_clauses` states the same rules as search filters. The filters may
admit more pairs than these rules, never fewer.

A wage that is to be agreed, or paid by pieces of which nobody says how many a day, is no obstacle:
nothing shows that it is below the floor, and most work near home is paid so. It earns no points
for the wage, and the reason says that the floor could not be checked and what to ask.
"""

from __future__ import annotations

from datetime import date

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.constraints.needs import ANY_CURRENCY, COMMUTE_KM, NEAR_HOME_KM, begins, country
from roost.places.gazetteer import distance_km

NO_LONGER_OPEN = frozenset({"closed", "expired"})
"""The obstacles that are the opening's own end, whoever the worker is."""


def obstacle(opening: OpeningFeatures, worker: WorkerFeatures, today: date) -> str:
    """One word for what stands in the way of a pair; empty when nothing does."""
    if not opening.active:
        return "closed"
    if opening.last_day < today.toordinal():
        return "expired"
    if not worker.active:
        return "inactive"
    if not place_fits(opening, worker):
        return "place"
    if opening.currency != worker.currency and ANY_CURRENCY not in (
        opening.currency,
        worker.currency,
    ):
        return "currency"
    if opening.wage_high is not None and opening.wage_high < worker.wage_floor:
        return "wage"
    if worker.available_from > begins(opening, today):
        return "availability"
    if not set(opening.licences) <= set(worker.licences):
        return "licence"
    if opening.shifts and worker.shifts and not set(opening.shifts) & set(worker.shifts):
        return "shift"
    if worker.needs_lodging and not opening.lodging:
        away = distance(opening, worker)
        if away is None or away > COMMUTE_KM:
            return "lodging"
    return ""


def place_fits(opening: OpeningFeatures, worker: WorkerFeatures) -> bool:
    """Chosen places or a radius, only near home, or, when nothing is said, the same country."""
    if worker.near_home_only:
        return near_home(opening, worker)
    if worker.willing and not set(worker.willing).isdisjoint(opening.places):
        return True
    if worker.radius_km is not None:
        away = distance(opening, worker)
        return away is not None and away <= worker.radius_km
    return not worker.willing and country(opening.places) == country(worker.places)


def near_home(opening: OpeningFeatures, worker: WorkerFeatures) -> bool:
    if worker.home and worker.home[0] in opening.places:
        return True
    if opening.point is None or worker.home_point is None:
        return False
    return distance_km(*opening.point, *worker.home_point) <= NEAR_HOME_KM


def distance(opening: OpeningFeatures, worker: WorkerFeatures) -> float | None:
    """Kilometres from where the worker lives now; None when either is unknown."""
    if opening.point is None or worker.point is None:
        return None
    return distance_km(*opening.point, *worker.point)


def shared_level(opening: OpeningFeatures, worker: WorkerFeatures) -> str:
    """The innermost kind of place that holds both the work and where the worker lives now:
    township, county, city, province or country; empty when there is none or it is not known.
    """
    for place, level in zip(opening.places, opening.levels, strict=False):
        if place in worker.places:
            return level
    return ""
