"""What somebody wants to see of a queue: as an address, as the API asks it, and of one match. Pure.

`wanted` asks the view and `meets` looks at a match that comes live: a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from api.stations.queue_query import ME, NOBODY, Wanted
from roost.events.match import Match, MatchState
from roost.time.urgency import Urgency

HOURS = ("1", "24", "72", "168")
WHOSE = (ME, NOBODY)
LAST = datetime(2999, 1, 1).timestamp()


@dataclass(frozen=True, slots=True)
class Filters:
    station: str = ""
    state: str = ""
    """Empty for all that somebody still has to do something about."""
    whose: str = ""
    place: str = ""
    """Key of a place that holds the worker's home, or where they live."""
    occupation: str = ""
    age: str = ""
    """Hours since it was proposed, at most."""
    priority: bool = False
    overdue: bool = False

    @property
    def wanted(self) -> Wanted:
        """As the API asks it."""
        return Wanted(
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
        """As the query of an address: what is not filtered by is left out."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: "1" if it is True else it for name, it in said.items() if it})

    @property
    def chosen(self) -> int:
        """How many filters there are, beside the station."""
        return sum(bool(getattr(self, name)) for name in self.__slots__ if name != "station")

    def at(self, station: str) -> Filters:
        return replace(self, station=station)


def asked(query: Mapping[str, str]) -> Filters:
    """What an address says; what is no choice of ours is passed over."""
    state, whose, age = query.get("state", ""), query.get("whose", ""), query.get("age", "")
    return Filters(
        station=query.get("station", ""),
        state=state if state in set(MatchState) else "",
        whose=whose if whose in WHOSE else "",
        place=query.get("place", "")[:64],
        occupation=query.get("occupation", "")[:100],
        age=age if age in HOURS else "",
        priority=query.get("priority") == "1",
        overdue=query.get("overdue") == "1",
    )


def meets(filters: Filters, match: Match, who: str, now: datetime) -> bool:
    """Whether a search with the same filters would find the match."""
    about = match.about
    places = {*about.home, *about.lives_at} if about else set()
    since = now - timedelta(hours=int(filters.age or 0))
    return all(
        (
            match.station_id == filters.station,
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


def order_of(match: Match) -> str:
    """Rows sorted by this text stand as `Order.URGENT` sorts them."""
    hour = match.act_by.replace(minute=0, second=0, microsecond=0) if match.act_by else None
    due = hour.timestamp() if hour else LAST
    return f"{due:012.0f}.{LAST - match.proposed_at.timestamp():015.3f}"
