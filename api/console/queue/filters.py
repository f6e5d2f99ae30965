"""What somebody wants to see of a queue: as an address, as a question, and of one match. Pure.

`question` asks the view and `meets` looks at a match that comes live: a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from roost.events.match import Match, MatchState
from roost.views.elastic import Json

HOURS = ("1", "24", "72", "168")
WHOSE = ("mine", "nobody")
OPEN = tuple(state for state in MatchState if state.active)
ORDER: list[Json] = [{"urgent_at": "asc"}, {"proposed_at": "desc"}]
"""By the hour in which the next step is due, and within it the newest first."""
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


def question(filters: Filters, who: str, now: datetime) -> list[Json]:
    """The clauses of a search in the view `matches`."""
    clauses: list[Json] = [{"term": {"station_id": filters.station}}]
    state: Json = {"state": filters.state} if filters.state else {"active": True}
    clauses.append({"term": state})
    if filters.whose == "mine":
        clauses.append({"term": {"assigned_to": who}})
    if filters.whose == "nobody":
        clauses.append({"bool": {"must_not": [{"exists": {"field": "assigned_to"}}]}})
    if filters.place:
        either = [{"term": {field: filters.place}} for field in ("home", "lives_at")]
        clauses.append({"bool": {"should": either, "minimum_should_match": 1}})
    if filters.occupation:
        clauses.append({"term": {"occupation": filters.occupation}})
    if filters.age:
        since = now - timedelta(hours=int(filters.age))
        clauses.append({"range": {"proposed_at": {"gte": since.isoformat()}}})
    if filters.priority:
        clauses.append({"term": {"priority": True}})
    if filters.overdue:
        clauses.append({"range": {"act_by": {"lte": now.isoformat()}}})
    return clauses


def meets(filters: Filters, match: Match, who: str, now: datetime) -> bool:
    """Whether a search with the same filters would find the match."""
    about = match.about
    places = {*about.home, *about.lives_at} if about else set()
    since = now - timedelta(hours=int(filters.age or 0))
    return all(
        (
            match.station_id == filters.station,
            match.state == filters.state if filters.state else match.state.active,
            filters.whose != "mine" or match.assigned_to == who,
            filters.whose != "nobody" or match.assigned_to is None,
            not filters.place or filters.place in places,
            not filters.occupation or (about and about.occupation) == filters.occupation,
            not filters.age or match.proposed_at >= since,
            not filters.priority or (about is not None and about.priority),
            not filters.overdue or (match.act_by is not None and match.act_by <= now),
        )
    )


def order_of(match: Match) -> str:
    """Rows sorted by this text stand as `ORDER` sorts them."""
    hour = match.act_by.replace(minute=0, second=0, microsecond=0) if match.act_by else None
    due = hour.timestamp() if hour else LAST
    return f"{due:012.0f}.{LAST - match.proposed_at.timestamp():015.3f}"
