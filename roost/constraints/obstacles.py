"""Hard constraints of one pair: the obstacle between them, or none.

`roost.constraints.constraint_clauses` states the same rules as search filters. The filters may
admit more pairs than these rules, never fewer.

A wage to be agreed is no obstacle, nor is a piece rate without a stated number of pieces a day.
Nothing shows that it is below the worker's floor, and most work near home is paid so. It earns no
points for the wage. The reason says that the floor could not be checked, and what to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
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


def obstacle(opening: Offering, worker: Seeking, today: date, waived: Collection[str] = ()) -> str:
    """Return one word for the obstacle between opening and worker; empty when there is none.

    `PAUSED` is returned only if nothing else is in the way. `waived` obstacles do not count: wishes
    that the worker sets aside for this pair.
    """
    return next((each for each in _obstacles(opening, worker, today) if each not in waived), "")


def obstacles(opening: Offering, worker: Seeking, today: date) -> tuple[str, ...]:
    """Return every obstacle between opening and worker, the first one as in `obstacle`."""
    return tuple(_obstacles(opening, worker, today))


def end_of_opening(opening: Offering, today: date) -> str:
    """Return the obstacle that ends every match of the opening; empty while it goes on."""
    return next(_ends(opening, today), "")


def lasting_obstacle(
    opening: Offering, worker: Seeking, today: date, waived: Collection[str] = ()
) -> str:
    """Return the obstacle that ends an existing match as well; empty when there is none."""
    found = obstacle(opening, worker, today, waived)
    return "" if found == PAUSED else found


def _obstacles(opening: Offering, worker: Seeking, today: date) -> Iterator[str]:
    """Yield the obstacles; all but the last, `PAUSED`, end an existing match as well."""
    yield from _ends(opening, today)
    if not worker.active:
        yield "inactive"
    yield from _unmet_conditions(opening, worker, today)
    if opening.paused:
        yield PAUSED


def _ends(opening: Offering, today: date) -> Iterator[str]:
    if not opening.active and not opening.paused:
        yield "closed"
    if opening.last_day < today.toordinal():
        yield "expired"


def _unmet_conditions(opening: Offering, worker: Seeking, today: date) -> Iterator[str]:
    """Yield the conditions of one side that the other does not meet."""
    if not place_fits(opening, worker):
        yield "place"
    if opening.currency != worker.currency and ANY_CURRENCY not in (
        opening.currency,
        worker.currency,
    ):
        yield "currency"  # amounts of two currencies are not compared
    elif opening.wage_high is not None and opening.wage_high < worker.wage_floor:
        yield "wage"
    if worker.available_from > begins(opening, today):
        yield "availability"
    if not set(opening.licences) <= set(worker.licences):
        yield "licence"
    if opening.shifts and worker.shifts and not set(opening.shifts) & set(worker.shifts):
        yield "shift"
    if worker.needs_lodging and not opening.lodging:
        away = distance(opening, worker)
        if away is None or away > COMMUTE_KM:
            yield "lodging"


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
