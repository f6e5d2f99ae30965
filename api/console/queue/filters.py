"""Filters of the queue page: as an address, as a query of the view, and applied to one match. Pure.

`wanted` queries the view and `meets` judges a match that arrives live. A test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from api.stations.queue_query import ME, NOBODY, QueueFilter
from roost.events.match import Match, MatchState
from roost.time.urgency import Urgency

HOURS = ("1", "24", "72", "168")
PERSON = "person"
ALL = "all"
UNCOUNTED = frozenset({"station", "stations", "by"})
HOLDERS = (ME, NOBODY)
NEVER = datetime(2999, 1, 1).timestamp()
"""Sort key of a match that is due at no time."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Choices of the filter form; an empty one filters nothing."""

    station: str = ""
    """A station's id, or `all` for every station of the caller."""
    state: str = ""
    """A state; empty for all active matches."""
    whose: str = ""
    place: str = ""
    """Key of a place that contains the worker's home, or where they live."""
    occupation: str = ""
    age: str = ""
    """Most hours since the match was proposed."""
    priority: bool = False
    overdue: bool = False
    by: str = ""
    """`person` to group the matches by person; empty for a list of matches."""
    stations: tuple[str, ...] = ()
    """Ids of the stations whose queues are shown; not part of an address."""

    @property
    def by_person(self) -> bool:
        """Whether the page shows one group per person."""
        return self.by == PERSON

    @property
    def wanted(self) -> QueueFilter:
        """The same filters as the API takes them."""
        return QueueFilter(
            states=(MatchState(self.state),) if self.state else (),
            assigned_to=self.whose or None,
            township=self.place or None,
            occupation=self.occupation or None,
            priority=self.priority or None,
            urgency=Urgency.OVERDUE if self.overdue else None,
            newer_than=timedelta(hours=int(self.age)) if self.age else None,
        )

    @property
    def address(self) -> str:
        """The query string of an address; empty filters are left out."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "stations"}
        return urlencode({name: "1" if it is True else it for name, it in values.items() if it})

    @property
    def chosen(self) -> int:
        """Number of filters in use, not counting the stations."""
        return sum(bool(getattr(self, name)) for name in self.__slots__ if name not in UNCOUNTED)

    @property
    def unfiltered(self) -> Filters:
        """The whole queue of the same stations in the same view."""
        return Filters(station=self.station, by=self.by, stations=self.stations)

    def shown_by(self, by: str) -> Filters:
        """Return the same filters in another view."""
        return replace(self, by=by)

    def only(self, **chosen: Any) -> Filters:
        """Return one filter of the same stations and view."""
        return replace(self.unfiltered, **chosen)

    def at(self, station: str) -> Filters:
        """Return the same filters for a station; for none if it is empty."""
        return replace(self, station=station, stations=(station,) if station else ())

    def across(self, stations: Collection[str]) -> Filters:
        """Return the same filters for all of some stations."""
        return replace(self, station=ALL, stations=tuple(stations))


def filters_from_query(query: Mapping[str, str]) -> Filters:
    """Return the filters in an address's query; values that are not offered are ignored."""
    state, whose, age = query.get("state", ""), query.get("whose", ""), query.get("age", "")
    return Filters(
        station=query.get("station", ""),
        state=state if state in set(MatchState) else "",
        whose=whose if whose in HOLDERS else "",
        place=query.get("place", "")[:64],
        occupation=query.get("occupation", "")[:100],
        age=age if age in HOURS else "",
        priority=query.get("priority") == "1",
        overdue=query.get("overdue") == "1",
        by=PERSON if query.get("by") == PERSON else "",
    )


def meets(filters: Filters, match: Match, who: str, now: datetime) -> bool:
    """Return whether a search with the same filters would find the match."""
    about = match.about
    places = {*about.home, *about.lives_at} if about else set()
    since = now - timedelta(hours=int(filters.age or 0))
    return all(
        (
            match.station_id in filters.stations,
            match.state == filters.state if filters.state else match.state.active,
            filters.whose != ME or match.assigned_to == who,
            filters.whose != NOBODY or match.assigned_to is None,
            not filters.place or filters.place in places,
            not filters.occupation or (about and about.occupation) == filters.occupation,
            not filters.age or match.proposed_at >= since,
            not filters.priority or (about is not None and about.priority),
            not filters.overdue or (match.act_by is not None and match.act_by <= now),
        )
    )


def sort_key(match: Match) -> str:
    """Return a text that sorts as `Order.URGENT` does: by the hour due, then the newest first."""
    hour = match.act_by.replace(minute=0, second=0, microsecond=0) if match.act_by else None
    due = hour.timestamp() if hour else NEVER
    return f"{due:012.0f}.{NEVER - match.proposed_at.timestamp():015.3f}"
