"""Matches as rows of a queue, with the data of the worker and the opening that a clerk needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.access import belonging, policy
from api.access.principal import Principal
from api.console.queue.filters import sort_key
from api.console.queue.offers import NO_OFFERS, Offers, offers_for
from api.matches.acting import ACTING_ROLES
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.match import Actor, Match
from roost.events.preferences import ChannelKind
from roost.places.gazetteer import gazetteer
from roost.places.written_names import written_name
from roost.time.urgency import Urgency, urgency
from roost.topics import OPENINGS, PROFILES, STATIONS
from roost.views.elastic import Elastic, Json

SOURCE_FIELDS = (
    "fact.name",
    "fact.channels",
    "fact.location",
    "fact.home",
    "fact.title",
    "fact.hiringOrganization",
    "fact.jobLocation",
)
"""Fields of a worker's, an opening's and a station's documents that a row needs."""
Documents = dict[tuple[str, str], Json]
"""Documents by view and id."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One match as a queue and its own page show it."""

    match: Match
    name: str
    """The worker's name; empty if they have been erased."""
    phone: str
    """Number to call; empty for an ended match of a worker out of the caller's reach."""
    lives: str
    """Residence; empty in the same case."""
    title: str
    employer: str
    workplace: str
    holder: str
    """The holder's name; empty if the match is unassigned."""
    mine: bool
    urgency: Urgency | None
    offers: Offers
    order: str
    past: bool = False
    """The match no longer meets the filters, so that the page removes the row."""
    off: bool = False
    """The match does not meet the filters, and is shown since another one of the person does."""
    no_phone: bool = False
    """No telephone number of the worker is known; False if the caller may not see it."""
    grouped: bool = False
    """The row is within the group of its person."""
    station: str = ""
    """Name of the station in whose queue the match is; empty without one."""

    @property
    def dom(self) -> str:
        """Id of the row's element."""
        return dom_id(self.match.id)


def dom_id(match_id: str) -> str:
    """Return the id of a match's element: a dot would start a class in a selector."""
    return match_id.replace(".", "_")


async def rows_of(
    given: Services,
    who: Principal,
    matches: Sequence[Match],
    past: frozenset[str] = frozenset(),
    *,
    off: frozenset[str] = frozenset(),
    grouped: bool = False,
) -> list[QueueRow]:
    """Return a row for each match, in order; workers and openings are read in one request.

    `past` are the ids of matches that no longer meet the filters, and leave the page; `off` those
    that do not meet them, and stay.
    """
    documents = await _documents_of(given.elastic, matches)
    now = given.clock.now()
    is_nearby = await belonging.workers_nearby(given, who, Permission.MATCHES_READ)
    return [
        replace(
            _row(given, who, each, documents, now, is_nearby),
            past=each.id in past,
            off=each.id in off,
            grouped=grouped,
        )
        for each in matches
    ]


async def _documents_of(elastic: Elastic, matches: Sequence[Match]) -> Documents:
    keys = dict.fromkeys(
        key
        for each in matches
        for key in (
            (PROFILES.name, each.worker_id),
            (OPENINGS.name, each.opening_id),
            (STATIONS.name, each.station_id or ""),
        )
        if key[1]
    )
    return await elastic.mget(list(keys), SOURCE_FIELDS)


def _row(
    given: Services,
    who: Principal,
    match: Match,
    documents: Documents,
    now: datetime,
    is_nearby: Callable[[Json], bool],
) -> QueueRow:
    worker = documents.get((PROFILES.name, match.worker_id), {}).get("fact") or {}
    opening = documents.get((OPENINGS.name, match.opening_id), {}).get("fact") or {}
    station = documents.get((STATIONS.name, match.station_id or ""), {}).get("fact") or {}
    holder = match.assigned_to
    contact = worker if match.state.active or is_nearby(worker) else {}
    phone = phone_of(contact)
    return QueueRow(
        match=match,
        name=worker.get("name", ""),
        phone=phone,
        lives=place_name(contact.get("location")),
        title=opening.get("title") or (match.about.title if match.about else ""),
        employer=(opening.get("hiringOrganization") or {}).get("name", ""),
        workplace=place_name(opening.get("jobLocation")),
        station=station.get("name", ""),
        holder=given.identities.name_of(holder) if holder else "",
        mine=holder == who.id,
        urgency=urgency(match.act_by, match.soon_at, now),
        offers=offers_to(who, match, now),
        order=sort_key(match),
        no_phone=bool(contact.get("name")) and not phone,
    )


def offers_to(who: Principal, match: Match, now: datetime) -> Offers:
    """Return the actions to offer to the caller now."""
    role = ACTING_ROLES.get(who.role)
    if role is None or not policy.may(who, Permission.MATCHES_ACT):
        return NO_OFFERS
    may_assign = policy.may(who, Permission.MATCHES_ASSIGN)
    return offers_for(match, Actor(role=role, id=who.id), now, may_assign=may_assign)


def phone_of(worker: Json) -> str:
    """Return the number to call: the one that receives the worker's text messages."""
    for channel in worker.get("channels") or ():
        if channel.get("kind") == ChannelKind.SMS and channel.get("address"):
            return str(channel["address"])
    return ""


def place_name(place: Json | None) -> str:
    """Return a place's full name in the gazetteer, else its name as it was given."""
    if not place:
        return ""
    key = f"{place.get('scheme')}:{place.get('code')}"
    return (
        gazetteer().full_name(key)
        if key in gazetteer()
        else written_name(str(place.get("name", "")))
    )
