"""Searches of the views for a typed text, and the reason why a hit was found. Pure.

Every way to find an entry is a clause with its own constant score, and the best one counts. So the
score of a hit names its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.lists.paging import bool_of
from roost.contact.addresses import address_key
from roost.contact.telephone_terms import sought_telephone
from roost.contact.telephones import telephone
from roost.events.preferences import ChannelKind
from roost.likeness.same_person import number_key
from roost.text.search_terms import (
    RANKED,
    FoundBy,
    Sought,
    Subject,
    sought_in_text,
    sought_reference,
)
from roost.views.answers import Hit
from roost.views.elastic import Json
from roost.views.stored_facts import STORED_FIELDS

STEP = 2
"""Distance between the scores of two reasons; the score between is that of an employer's name."""
Way = tuple[Json, float]
"""Clause that finds an entry, and its score."""


def search_body(filters: Sequence[Json], ways: Sequence[Way], most: int) -> Json:
    """Return the search for entries within the filters: best first, newest among equals."""
    scored = [{"constant_score": {"filter": clause, "boost": boost}} for clause, boost in ways]
    query = bool_of(list(filters))
    query["bool"]["must"] = [{"dis_max": {"queries": scored}}]
    return {
        "size": most,
        "_source": STORED_FIELDS,
        "sort": ["_score", {"created_at": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": query,
    }


def worker_ways(typed: str) -> list[Way]:
    """Return the ways to find a worker: number, telephone and name, or a part of one."""
    exact: list[Way] = [({"term": {"numbers": number_key(typed)}}, _score(FoundBy.NUMBER))]
    if (number := telephone(typed)) is not None:
        key = address_key(ChannelKind.SMS, number.number)
        exact.append(({"term": {"addresses": key}}, _score(FoundBy.TELEPHONE)))
    sought = [*sought_in_text(Subject.NAME, typed), *sought_telephone(typed)]
    return [*exact, *_ways(sought), *_ways(sought_reference(typed))]


def employer_ways(typed: str) -> list[Way]:
    """Return the ways to find an employer: its id, or its name or a part of that."""
    exact: Way = ({"term": {"employer_id": typed.strip()}}, _score(FoundBy.NUMBER))
    return [exact, *_ways(sought_in_text(Subject.EMPLOYER, typed))]


def opening_ways(typed: str) -> list[Way]:
    """Return the ways to find an opening: reference and title, or else the employer's name."""
    titles = _ways([*sought_in_text(Subject.TITLE, typed), *sought_reference(typed)])
    return titles + [(clause, score - 1) for clause, score in employer_ways(typed)]


def reason_of(hit: Hit) -> tuple[FoundBy, bool]:
    """Return the reason why a hit was found, and whether its employer was found by it."""
    score = int(hit.sort[0])
    of_employer = score % STEP != 0
    return RANKED[len(RANKED) - (score + of_employer) // STEP], of_employer


def _score(reason: FoundBy) -> float:
    return float(STEP * (len(RANKED) - RANKED.index(reason)))


def _ways(sought: Iterable[Sought]) -> list[Way]:
    return [
        ({"term" if each.exact else "prefix": {"sought": each.term}}, _score(each.found_by))
        for each in sought
    ]
