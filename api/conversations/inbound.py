"""Replies that gateways forward: each becomes a message in its sender's conversation.

The caller's answer is the same for every address, so that nobody can probe which ones belong to
workers. The outcome is counted in the metrics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from api.conversations.daily_limit import MOST_A_DAY, DailyLimitReached, check_daily_limit
from api.lists.paging import bool_of, every
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.sharing.service import answer_by_reply
from api.writes.editing import MESSAGE
from api.writes.publishing import write_fact
from producers import conversation_facts as facts
from roost.contact.addresses import address_key
from roost.contact.confirmed_channels import reachable_channels
from roost.events.conversation import ConversationMessage
from roost.events.envelope import Record
from roost.events.notification import DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.metrics import REPLIES
from roost.topics import CONVERSATIONS, DELIVERIES, PROFILES
from roost.views.elastic import Json

MOST_HOLDERS = 500
"""Workers of one address that are looked at; more share it only by mistake."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Outcome(StrEnum):
    """Outcome of a forwarded reply."""

    STOP = "stop"
    MESSAGE = "message"
    MARKED = "marked"
    REPEATED = "repeated"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    LIMITED = "limited"


class ForwardedReply(Protocol):
    """Reply as a gateway forwards it."""

    @property
    def channel(self) -> ChannelKind: ...
    @property
    def address(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def received_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Identified:
    """Id of a reply's message, and the earlier message that it may repeat."""

    id: str
    repeats: str | None = None


async def receive_reply(given: Services, reply: ForwardedReply) -> Outcome:
    """Keep a reply as a message of the worker with the confirmed address, once per message id.

    Without a gateway's id, it is once per text and time of receipt. Without a time either, a reply
    that says the same as an earlier one of the day is kept, and marked: nobody can tell a second
    "好的" from a reply that was forwarded twice. Of several workers with one address, the one who
    was messaged last on this channel replies. Raises Transient.
    """
    outcome = await _receive(given, reply)
    REPLIES.labels(outcome.value).inc()
    return outcome


async def _receive(given: Services, reply: ForwardedReply) -> Outcome:
    if not reply.text.strip():
        return Outcome.EMPTY
    if reply.message_id or reply.received_at:
        return await _receive_as(given, reply, Identified(_reference_id(reply)))
    first = _numbered_id(given, reply, 0)
    async with given.latest.alone("replies", first):
        identified = await _unused_id(given, reply)
        return await _receive_as(given, reply, identified) if identified else Outcome.LIMITED


async def _receive_as(given: Services, reply: ForwardedReply, identified: Identified) -> Outcome:
    if await _known(given, [identified.id]):
        return Outcome.REPEATED
    worker_id = await _sender(given, reply)
    if worker_id is None:
        return Outcome.UNKNOWN
    await answer_by_reply(given, worker_id, reply.text)
    try:
        await _keep(given, identified, worker_id, reply)
    except DailyLimitReached:
        return Outcome.LIMITED
    return Outcome.MARKED if identified.repeats else Outcome.MESSAGE


async def _known(given: Services, ids: Sequence[str]) -> set[str]:
    """Return those ids whose message exists or did exist."""
    view = CONVERSATIONS.name
    found = await given.elastic.mget([(view, id) for id in ids], ("version",))
    return {id for id in ids if (view, id) in found or given.latest.version(view, id)}


async def _unused_id(given: Services, reply: ForwardedReply) -> Identified | None:
    """Return the next id of this text and day; None if the day's limit is used up by it."""
    ids = [_numbered_id(given, reply, number) for number in range(MOST_A_DAY)]
    known = await _known(given, ids)
    unused = next((id for id in ids if id not in known), None)
    if unused is None:
        return None
    return Identified(unused, ids[0] if unused != ids[0] else None)


async def _keep(
    given: Services, identified: Identified, worker_id: str, reply: ForwardedReply
) -> None:
    id, repeats = identified.id, identified.repeats

    async def authorise(current: CurrentFact) -> None:
        """Accept it: the gateway's permission is over everything, and the id is the reply's."""

    async def derive(current: CurrentFact) -> Record:
        if current.fact is not None:
            return facts.message_repeated(ConversationMessage.from_stored(current.fact))
        await check_daily_limit(given, worker_id, id)
        at = given.clock.now()
        channel, text = reply.channel, reply.text
        return facts.reply_received(id, worker_id, channel, text, at=at, repeats=repeats)[1]

    await write_fact(given, MESSAGE, id, authorise, derive)


async def _sender(given: Services, reply: ForwardedReply) -> str | None:
    """Return the worker who replies from this address; None if no worker has confirmed it."""
    key = address_key(reply.channel, reply.address)
    filters: list[Json] = [{"term": {"addresses": key}}]
    holders: list[str] = []
    async for document in every(given.elastic, PROFILES.name, filters):
        if _holds(document["fact"], key):
            holders.append(document["id"])
        if len(holders) >= MOST_HOLDERS:
            break
    if len(holders) < 2:
        return holders[0] if holders else None
    return await _messaged_last(given, reply.channel, holders) or holders[0]


def _holds(profile: Json, key: str) -> bool:
    """Return whether a worker has confirmed the address of a key."""
    channels = (Channel.from_stored(each) for each in profile.get("channels") or ())
    return any(
        address_key(each.kind, each.address) == key
        for each in reachable_channels(channels)
        if each.address
    )


async def _messaged_last(
    given: Services, channel: ChannelKind, worker_ids: list[str]
) -> str | None:
    """Return the worker to whom the newest message on a channel was sent, a moment ago too."""
    await given.elastic.refresh(DELIVERIES.name)
    filters: list[Json] = [
        {"terms": {"recipient_id": worker_ids}},
        {"term": {"channel": channel.value}},
        {"term": {"status": DeliveryStatus.SENT.value}},
    ]
    body: Json = {
        "size": 1,
        "sort": [{"at": "desc"}, {"id": "asc"}],
        "_source": ["recipient_id"],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    found = await given.elastic.search(DELIVERIES.name, body)
    return str(found.hits[0].source["recipient_id"]) if found.hits else None


def _reference_id(reply: ForwardedReply) -> str:
    """Return the id by the gateway's own id, or else by its time and the text."""
    at = reply.received_at
    received = (at - EPOCH).total_seconds() if at else ""  # of any year, in any time zone
    reference = reply.message_id or f"{received} {_digest(reply.text)}"
    return facts.reply_id(reply.channel, reply.address, reference)


def _numbered_id(given: Services, reply: ForwardedReply, number: int) -> str:
    """Return the id of the first (0), second … reply with this text today."""
    reference = f"{given.today.isoformat()} {_digest(reply.text)}"
    if number:
        reference += f" {number}"
    return facts.reply_id(reply.channel, reply.address, reference)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
