"""Hard constraints of one pair: the obstacle between them, or none.

`roost.constraints.constraint_clauses` states the same rules as search filters. The filters may
admit more pairs than these rules, never fewer.

A wage to be agreed is no obstacle, nor is a piece rate without a stated number of pieces a day.
Nothing shows that it is below the worker's floor, and most work near home is paid so. It earns no
points for the wage. The reason says that the floor could not be checked, and what to ask.
"""

from __future__ import annotations

from datetime import date

from roost.constraints.needs import (
    ANY_CURRENCY,
    COMMUTE_KM,
    NEAR_HOME_KM,
    Asking,
    Offering,
    Seeking,
    begins,
    country,
)
from roost.places.gazetteer import distance_km

NO_LONGER_OPEN = frozenset({"closed", "expired"})
"""Obstacles that end the opening for every worker."""
PAUSED = "paused"
"""Obstacle to a new match only: existing matches of a paused opening stay."""


def obstacle(opening: Offering, worker: Seeking, today: date) -> str:
    """Return one word for the obstacle between opening and worker; empty when there is none.

    `PAUSED` is returned only if nothing else is in the way.
    """
    if found := lasting_obstacle(opening, worker, today):
        return found
    return PAUSED if opening.paused else ""


def end_of_opening(opening: Offering, today: date) -> str:
    """Return the obstacle that ends every match of the opening; empty while it goes on."""
    if not opening.active and not opening.paused:
        return "closed"
    return "expired" if opening.last_day < today.toordinal() else ""


def lasting_obstacle(opening: Offering, worker: Seeking, today: date) -> str:
    """Return the obstacle that ends an existing match as well; empty when there is none."""
    if ended := end_of_opening(opening, today):
        return ended
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


def place_fits(opening: Asking, worker: Seeking) -> bool:
    """Return whether the place suits the worker.

    The worker accepts chosen places or a radius, or work near home only. Without any choice, the
    same country suits.
    """
    if worker.near_home_only:
        return near_home(opening, worker)
    if worker.willing and not set(worker.willing).isdisjoint(opening.places):
        return True
    if worker.radius_km is not None:
        away = distance(opening, worker)
        return away is not None and away <= worker.radius_km
    return not worker.willing and country(opening.places) == country(worker.places)


def near_home(opening: Asking, worker: Seeking) -> bool:
    """Return whether the work is in the worker's home place or within `NEAR_HOME_KM` of it."""
    if worker.home and worker.home[0] in opening.places:
        return True
    if opening.point is None or worker.home_point is None:
        return False
    return distance_km(*opening.point, *worker.home_point) <= NEAR_HOME_KM


def distance(opening: Asking, worker: Seeking) -> float | None:
    """Return the kilometres from the worker's current place; None when either point is unknown."""
    if opening.point is None or worker.point is None:
        return None
    return distance_km(*opening.point, *worker.point)
