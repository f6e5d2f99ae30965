"""Search among the stored people for those whom a row or a registration may describe.

People are compared by the keyed hashes of the view `profiles` (`roost.likeness.same_person`). A
caller learns of people within their reach alone; the search takes the filters of that reach.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from producers.located_places import locate_place
from roost.constraints.needs import locate
from roost.errors import Invalid
from roost.events.common import Place
from roost.events.preferences import ChannelKind
from roost.events.profile import ProfileContent
from roost.likeness.same_person import (
    PersonKeys,
    Sign,
    comparable_name,
    is_by_name,
    is_identity_number,
    person_keys,
    signs_of,
)
from roost.places.gazetteer import gazetteer
from roost.text.name_sounds import name_sound
from roost.topics import PROFILES
from roost.views.answers import Hit, Json, Page

GROUP = 50
"""People of one search."""
MOST_HITS = 500
"""Hits of one search; a group with more is searched in halves."""
MOST_PEOPLE = 5
"""People shown for one row, those with the most signs first."""
_FIELDS = [
    "addresses",
    "name_at_home",
    "numbers",
    "sound_at_home",
    "fact.name",
    "fact.identifier",
    "fact.source",
    "fact.home.name",
    "fact.channels.kind",
]


class SearchesViews(Protocol):
    """Part of Elasticsearch that the search needs."""

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        """Run several searches in one request."""
        ...


@dataclass(frozen=True)
class WantedPerson:
    """Person of a row or a form; `id` is the one that the number has on its own."""

    id: str
    content: ProfileContent

    @cached_property
    def keys(self) -> PersonKeys:
        """Keys to compare; rows of stored numbers, which are not searched for, need none."""
        content = self.content
        home = _home_keys(content.home)
        return person_keys(content.identifier, content.name, content.channels, home)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Stored person who may be the wanted one, and the signs of it."""

    id: str
    signs: tuple[Sign, ...]
    name: str = ""
    number: str = ""
    source: str = ""
    home: str = ""
    place: str = ""
    """Place of an earlier row of the same file; empty for a stored person."""


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Result of a search: the person whom the number was assigned to, or people who are alike."""

    same: str | None = None
    people: tuple[KnownPerson, ...] = ()


NOBODY = FoundPeople()


def _home_keys(home: Place) -> Sequence[str]:
    """Return the keys of a home and all around it; none if the registration refuses it anyway."""
    try:
        return locate(locate_place(home, "home"), gazetteer())[0]
    except Invalid:
        return ()


async def find_people(
    views: SearchesViews,
    wanted: Sequence[WantedPerson],
    within: Sequence[Json] | None,
    *,
    number_alone: bool = False,
    is_erased: Callable[[str], bool] = lambda id: False,
) -> dict[str, FoundPeople]:
    """Return the people found for each wanted one, by the wanted id; those without are left out.

    `within` are the filters of the caller's reach; None for a caller who may read nobody. A number
    that a clerk assigned to a person is found whatever the reach: the write is authorised later. A
    stored worker's own number is that worker's in any case. Another wanted person is another one,
    unless name and telephone are the same.
    At most two searches per wanted person, in two or few requests. Raises Transient.
    """
    by_id = {each.id: each for each in wanted}
    assigned = await _assigned(views, list(by_id), is_erased)
    own = await _stored(views, list(assigned), is_erased)
    found = {id: FoundPeople(same=person) for id, person in assigned.items() if id not in own}
    left = [each for id, each in by_id.items() if id not in found]
    if within is None:
        return found
    for each, hits in await _alike(views, left, within):
        people = [
            person
            for hit in hits
            if hit.id != each.id and not is_erased(hit.id)
            if (person := _known(each, hit, number_alone=number_alone)) is not None
            if hit.id not in by_id or is_by_name(person.signs)
        ]
        if people:
            people.sort(key=lambda person: (-len(person.signs), person.id))
            found[each.id] = FoundPeople(people=tuple(people[:MOST_PEOPLE]))
    return found


async def _assigned(
    views: SearchesViews, ids: Sequence[str], is_erased: Callable[[str], bool]
) -> dict[str, str]:
    """Return the person whom each id's number was assigned to, if there is one."""
    searches: list[tuple[str, Json]] = [
        (
            PROFILES.name,
            {
                "size": MOST_HITS,
                "_source": ["records"],
                "track_total_hits": False,
                "query": {"bool": {"filter": [{"terms": {"records": ids[at : at + GROUP]}}]}},
            },
        )
        for at in range(0, len(ids), GROUP)
    ]
    asked = frozenset(ids)
    return {
        record: hit.id
        for page in await views.msearch(searches)
        for hit in page.hits
        if not is_erased(hit.id)
        for record in hit.source.get("records", ())
        if record in asked
    }


async def _stored(
    views: SearchesViews, ids: Sequence[str], is_erased: Callable[[str], bool]
) -> set[str]:
    """Return those of the ids under which a worker is stored."""
    searches: list[tuple[str, Json]] = [
        (
            PROFILES.name,
            {
                "size": GROUP,
                "_source": ["erased"],
                "track_total_hits": False,
                "query": {"bool": {"filter": [{"terms": {"id": ids[at : at + GROUP]}}]}},
            },
        )
        for at in range(0, len(ids), GROUP)
    ]
    pages = await views.msearch(searches) if searches else []
    hits = [hit for page in pages for hit in page.hits]
    return {hit.id for hit in hits if not hit.source.get("erased") and not is_erased(hit.id)}


async def _alike(
    views: SearchesViews, wanted: Sequence[WantedPerson], within: Sequence[Json]
) -> list[tuple[WantedPerson, Sequence[Hit]]]:
    """Return the hits that each wanted person has to be compared with."""
    groups = [wanted[at : at + GROUP] for at in range(0, len(wanted), GROUP)]
    found: list[tuple[WantedPerson, Sequence[Hit]]] = []
    while groups:
        searches = [(PROFILES.name, _search(group, within)) for group in groups]
        halves: list[Sequence[WantedPerson]] = []
        for group, page in zip(groups, await views.msearch(searches), strict=True):
            if len(page.hits) >= MOST_HITS and len(group) > 1:
                middle = len(group) // 2
                halves += [group[:middle], group[middle:]]
            else:
                found += [(each, page.hits) for each in group]
        groups = halves
    return found


def _search(group: Sequence[WantedPerson], within: Sequence[Json]) -> Json:
    """Return the search for everybody who has any key of a group."""
    keys = {
        "addresses": sorted({key for each in group for key in each.keys.telephones}),
        "name_at_home": sorted({each.keys.name_at_home for each in group} - {""}),
        "sound_at_home": sorted({each.keys.sound_at_home for each in group} - {""}),
        "numbers": sorted({each.keys.number for each in group} - {""}),
    }
    return {
        "size": MOST_HITS,
        "_source": _FIELDS,
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": list(within),
                "should": [{"terms": {field: some}} for field, some in keys.items() if some],
                "minimum_should_match": 1,
            }
        },
    }


def _known(wanted: WantedPerson, hit: Hit, *, number_alone: bool) -> KnownPerson | None:
    """Return the person of a hit, if there is a sign that it is the wanted one."""
    fact: Mapping[str, object] = hit.source.get("fact") or {}
    number, home = str(fact.get("identifier") or ""), fact.get("home")
    name = str(fact.get("name") or "")
    channels: Any = fact.get("channels") or ()
    has_telephone = any(each.get("kind") == ChannelKind.SMS for each in channels)
    stored = PersonKeys(
        telephones=frozenset(hit.source.get("addresses", ())) if has_telephone else frozenset(),
        name=comparable_name(name),
        name_at_home=hit.source.get("name_at_home", ""),
        sound=name_sound(comparable_name(name)),
        sound_at_home=hit.source.get("sound_at_home", ""),
        is_identity=is_identity_number(number),
    )
    numbers: Collection[str] = hit.source.get("numbers", ())
    signs = signs_of(wanted.keys, stored, numbers, number_alone=number_alone)
    if not signs:
        return None
    return KnownPerson(
        hit.id,
        signs,
        name,
        number,
        str(fact.get("source") or ""),
        str(home.get("name", "")) if isinstance(home, Mapping) else "",
    )


def signs_in_words(people: Iterable[KnownPerson]) -> tuple[str, str]:
    """Return the signs of some people in both languages, each once."""
    signs = [sign for sign in Sign if any(sign in each.signs for each in people)]
    return (
        ", ".join(_WORDS[each][0] for each in signs),
        "、".join(_WORDS[each][1] for each in signs),
    )


_WORDS = {
    Sign.NUMBER: ("same number", "编号相同"),
    Sign.TELEPHONE: ("same telephone number", "电话相同"),
    Sign.NAME_AND_HOME: ("same name and home", "姓名和家乡相同"),
    Sign.SOUND_AND_HOME: ("name of the same sound, same home", "姓名同音且家乡相同"),
    Sign.SOUND: ("name of the same sound", "姓名同音"),
    Sign.NAME: ("same name", "姓名相同"),
    Sign.OTHER_DETAILS: (
        "same number and name, another telephone and home",
        "编号姓名相同而电话和家乡均不同",
    ),
    Sign.OTHER_NAME: ("same number, another name", "编号相同而姓名不同"),
}
