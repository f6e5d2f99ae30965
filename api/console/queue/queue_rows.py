"""Matches as rows of a queue: what a clerk needs to act, from the match and the two it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.access.principal import Principal
from api.console.queue.filters import order_of
from api.console.queue.offers import Offers, offered
from api.console.shell import navigation
from api.matches.acting import ROLE
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.match import Match, Role
from roost.events.preferences import ChannelKind
from roost.places.gazetteer import gazetteer
from roost.time.urgency import Urgency, urgency
from roost.views.elastic import Elastic, Json

SHOWN = (
    "fact.name",
    "fact.channels",
    "fact.location",
    "fact.title",
    "fact.hiringOrganization",
    "fact.jobLocation",
)
"""What a row says of a worker, and of an opening."""
Known = dict[tuple[str, str], Json]


@dataclass(frozen=True, slots=True)
class Row:
    match: Match
    name: str
    """The worker's; empty when they are erased."""
    phone: str
    lives: str
    title: str
    employer: str
    workplace: str
    holder: str
    """As colleagues see who has it; empty for nobody."""
    mine: bool
    urgency: Urgency | None
    offers: Offers
    order: str
    past: bool = False
    """It no longer belongs to what is shown, and will go."""

    @property
    def dom(self) -> str:
        """Its id in a page: a match's own has a dot, which means something else to a selector."""
        return self.match.id.replace(".", "_")


async def rows_of(
    given: Services, who: Principal, matches: Sequence[Match], past: frozenset[str] = frozenset()
) -> list[Row]:
    """In the same order; the two that a match is about are read all at once."""
    known = await _about(given.elastic, matches)
    now = given.clock.now()
    return [_row(given, who, each, known, now, past=each.id in past) for each in matches]


async def _about(elastic: Elastic, matches: Sequence[Match]) -> Known:
    keys = dict.fromkeys(
        key
        for each in matches
        for key in (("profiles", each.worker_id), ("openings", each.opening_id))
    )
    return await elastic.mget(list(keys), SHOWN)


def _row(
    given: Services, who: Principal, match: Match, known: Known, now: datetime, *, past: bool
) -> Row:
    worker = known.get(("profiles", match.worker_id), {}).get("fact") or {}
    opening = known.get(("openings", match.opening_id), {}).get("fact") or {}
    holder = match.assigned_to
    return Row(
        match=match,
        name=worker.get("name", ""),
        phone=phone_of(worker),
        lives=place_name(worker.get("location")),
        title=opening.get("title") or (match.about.title if match.about else ""),
        employer=(opening.get("hiringOrganization") or {}).get("name", ""),
        workplace=place_name(opening.get("jobLocation")),
        holder=given.identities.name_of(holder) if holder else "",
        mine=holder == who.id,
        urgency=urgency(match.act_by, now),
        offers=offers_to(who, match),
        order=order_of(match),
        past=past,
    )


def offers_to(who: Principal, match: Match) -> Offers:
    if not navigation.may(who, Permission.MATCHES_ACT):
        return Offers(None, ())
    return offered(
        match,
        who.id,
        chief=ROLE.get(who.role) is Role.CHIEF,
        may_assign=navigation.may(who, Permission.MATCHES_ASSIGN),
    )


def phone_of(worker: Json) -> str:
    """The number that the worker is sent messages to: what can be called."""
    for channel in worker.get("channels") or ():
        if channel.get("kind") == ChannelKind.SMS and channel.get("address"):
            return str(channel["address"])
    return ""


def place_name(place: Json | None) -> str:
    """As the gazetteer names it in full, else as it was said."""
    if not place:
        return ""
    key = f"{place.get('scheme')}:{place.get('code')}"
    return gazetteer().full_name(key) if key in gazetteer() else str(place.get("name", ""))
