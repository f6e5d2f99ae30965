"""People of a queue, each with the rows of their matches at the station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.access.principal import Principal
from api.console.queue.filters import Filters, meets
from api.console.queue.queue_rows import QueueRow, rows_of
from api.ports.services import Services
from api.stations import queue_people
from api.stations.queue_people import PersonMatches
from roost.errors import NotFound
from roost.events.match import Match

PEOPLE = 25
"""People on a page."""
MOST_SHOWN = 10
"""Matches of one person on the page; the page of the person holds the others."""


@dataclass(frozen=True, slots=True)
class PersonGroup:
    """A person and the rows of their matches, the most urgent first."""

    worker_id: str
    rows: Sequence[QueueRow]
    total: int
    """Number of their matches at the station."""

    @property
    def dom(self) -> str:
        """Id of the group's element."""
        return group_id(self.worker_id)

    @property
    def name(self) -> str:
        """The person's name; empty if they have been erased."""
        return self.rows[0].name

    @property
    def phone(self) -> str:
        """Number to call; empty without one, or if the caller may not see it."""
        return next((row.phone for row in self.rows if row.phone), "")

    @property
    def no_phone(self) -> bool:
        """Whether it is known that the person has no telephone."""
        return not self.phone and any(row.no_phone for row in self.rows)

    @property
    def lives(self) -> str:
        """Residence; empty if the caller may not see it."""
        return next((row.lives for row in self.rows if row.lives), "")

    @property
    def order(self) -> str:
        """Place in the list: that of the most urgent match that meets the filters."""
        return min((row.order for row in self.rows if not row.off), default=self.rows[0].order)

    @property
    def more(self) -> int:
        """Number of their matches that the page does not show."""
        return self.total - len(self.rows)


def group_id(worker_id: str) -> str:
    """Return the id of the element of a person's group."""
    return f"p-{worker_id}"


async def page_of_people(
    given: Services, who: Principal, filters: Filters, cursor: str | None
) -> tuple[list[PersonGroup], str | None]:
    """Return a page of people, the most urgent first, and the cursor of the next page."""
    if not filters.stations:
        return [], None
    found, following = await queue_people.people_page(
        given,
        who,
        filters.stations,
        filters.wanted,
        limit=PEOPLE,
        cursor=cursor,
        each=MOST_SHOWN,
    )
    return await groups_of(given, who, filters, found, {}), following


async def group_of(
    given: Services, who: Principal, filters: Filters, worker_id: str
) -> PersonGroup:
    """Return all active matches of a person at the stations, at most 50. Raises NotFound."""
    found = await queue_people.matches_of_people(given, who, filters.stations, [worker_id])
    every = filters.unfiltered
    groups = await groups_of(given, who, every, found, {}, most=queue_people.MOST_OF_PERSON)
    if not groups:
        raise NotFound(
            "This person has no active match at this station.", "该人员在本站没有未办结的匹配。"
        )
    return groups[0]


async def groups_around(
    given: Services, who: Principal, filters: Filters, changed: Mapping[str, Match]
) -> dict[str, PersonGroup]:
    """Return the groups, by worker, of changed matches; searches may not show the changes yet."""
    people = list(dict.fromkeys(each.worker_id for each in changed.values()))
    found = await queue_people.matches_of_people(
        given, who, filters.stations, people, filters.wanted, each=MOST_SHOWN
    )
    known = {each.worker_id: each for each in found}
    whole = [known.get(id, PersonMatches(id, (), 0)) for id in people]
    return {each.worker_id: each for each in await groups_of(given, who, filters, whole, changed)}


async def groups_of(
    given: Services,
    who: Principal,
    filters: Filters,
    people: Sequence[PersonMatches],
    changed: Mapping[str, Match],
    *,
    most: int = MOST_SHOWN,
) -> list[PersonGroup]:
    """Return the groups of people; `changed` matches replace older ones and join the others.

    A person without a match that belongs on the page has none.
    """
    now = given.clock.now()
    of_people = [_newest(each, changed, filters) for each in people]
    matches = [match for each in of_people for match in each]
    off = frozenset(each.id for each in matches if not meets(filters, each, who.id, now))
    rows = iter(await rows_of(given, who, matches, off=off, grouped=True))
    groups = []
    for person, own in zip(people, of_people, strict=True):
        ordered = sorted((next(rows) for _ in own), key=lambda row: row.order)[:most]
        if ordered:
            total = max(person.total, len(own))
            groups.append(PersonGroup(person.worker_id, ordered, total))
    return groups


def _newest(person: PersonMatches, changed: Mapping[str, Match], filters: Filters) -> list[Match]:
    """Return the person's matches at the station, each in its newest known revision."""
    stored = (Match.from_stored(each["fact"]) for each in person.documents)
    newest = {each.id: each for each in stored}
    for each in changed.values():
        known = newest.get(each.id)
        if each.worker_id == person.worker_id and (known is None or known.revision < each.revision):
            newest[each.id] = each
    return [each for each in newest.values() if is_member(filters, each)]


def is_member(filters: Filters, match: Match) -> bool:
    """Return whether a match belongs to its person's group: active, or in the filtered state."""
    wanted = match.state.active or match.state == filters.state
    return match.station_id in filters.stations and wanted
