"""Workers who may sign in with a telephone number, and the choice among several of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.ports.services import Services
from roost.contact.addresses import address_key
from roost.contact.sign_in_codes import sign_in_telephone
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile
from roost.text.normalising import nfkc
from roost.text.references import shown_reference, visible_text
from roost.topics import PROFILES, STOPS
from roost.views.elastic import Json
from roost.views.stored_facts import STORED_FIELDS

MOST_PEOPLE = 8
"""Workers who may share a telephone. A number that more have is an office's: it signs in nobody."""
MOST_READ = 50
"""Profiles read for a number: those that name it second or unconfirmed are left out afterwards."""
FEWEST_OF_NUMBER = 4
"""Fewest final characters of a roster number that choose a person."""


@dataclass(frozen=True, slots=True)
class TelephonePerson:
    """A worker who signs in with a telephone: what a choice among several needs."""

    id: str
    name: str
    numbers: tuple[str, ...]
    """Numbers in rosters."""
    language: str


async def people_with(given: Services, number: str) -> list[TelephonePerson]:
    """Return the workers who sign in with a number, by id; nobody if too many have it."""
    key = address_key(ChannelKind.SMS, number)
    body: Json = {
        "size": MOST_READ + 1,
        "_source": STORED_FIELDS,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {"addresses": key}}]}},
    }
    [page] = await given.elastic.msearch([(PROFILES.name, body)])
    if len(page.hits) > MOST_READ:
        return []
    found = []
    for hit in page.hits:
        current = given.latest.over(PROFILES.name, hit.id, {"id": hit.id, **hit.source})
        if current.fact is not None:
            profile = Profile.from_stored(current.fact)
            if sign_in_telephone(profile.channels) == number:
                found.append(person_of(hit.id, profile))
    return sorted(found, key=lambda each: each.id) if len(found) <= MOST_PEOPLE else []


async def messageable(given: Services, people: Sequence[TelephonePerson]) -> list[TelephonePerson]:
    """Return the workers who have not stopped all messages."""
    stops = await given.elastic.mget([(STOPS.name, each.id) for each in people])

    def has_stopped(id: str) -> bool:
        current = given.latest.over(STOPS.name, id, stops.get((STOPS.name, id)))
        return bool((current.fact or {}).get("stopped"))

    return [each for each in people if not has_stopped(each.id)]


def chosen_person(people: Sequence[TelephonePerson], typed: str) -> TelephonePerson | None:
    """Return the one person whose name ends with the typed character, or whose number ends so.

    None if nobody or more than one is meant: the answer is the same. Pure.
    """
    text = _plain(typed)
    found = [each for each in people if text and _is_meant(each, text)]
    return found[0] if len(found) == 1 else None


def _is_meant(person: TelephonePerson, text: str) -> bool:
    if len(text) == 1:
        return _plain(person.name)[-1:] == text
    long_enough = len(text) >= FEWEST_OF_NUMBER
    return long_enough and any(_plain(each).endswith(text) for each in person.numbers)


def _plain(text: str) -> str:
    return "".join(visible_text(nfkc(text)).split()).casefold()


def person_of(id: str, profile: Profile) -> TelephonePerson:
    """Return a worker as one who signs in."""
    own = (profile.identifier, *(each.identifier for each in profile.other_numbers))
    return TelephonePerson(
        id=id,
        name=profile.name,
        numbers=tuple(shown_reference(each) for each in own if each),
        language=profile.preferences.language,
    )
