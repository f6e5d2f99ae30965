"""Use cases of conversations: read, write, close.

Endpoints and console pages call these functions. The reach is that of the worker's inbox: the
worker, the station that serves the worker now, and callers with a reach over everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.access import belonging
from api.access.principal import Principal
from api.conversations.daily_limit import check_daily_limit
from api.conversations.message_delivery import State, delivery_states
from api.conversations.schemas import ConversationPage, NewMessage, SentMessage
from api.lists.documents import existing_document, not_found
from api.lists.paging import bool_of, page
from api.lists.totals import exact_total
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import MESSAGE
from api.writes.publishing import Written, write_fact
from producers import conversation_facts as facts
from roost.contact.confirmed_channels import reachable_channels
from roost.errors import NotFound
from roost.events.account import AccountRole, Permission
from roost.events.conversation import Author, ConversationMessage
from roost.events.envelope import Record, decode, value_of
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.topics import CONVERSATIONS, STOPS
from roost.views.elastic import Json

NEWEST: list[Json] = [{"sent_at": "desc"}]
MOST_SETTLED = 200
"""Open messages that one answer settles, the oldest first; the rest stay open."""


async def read_conversation(
    given: Services,
    who: Principal,
    id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
    refresh: bool = False,
) -> ConversationPage:
    """Return a page of a worker's conversation, newest first.

    `refresh` includes the messages of the last second. Raises NotFound.
    """
    if refresh:
        await given.elastic.refresh(CONVERSATIONS.name)
    profile = await belonging.profile(given, who, Permission.INBOX_READ, id)
    filters = _of_worker(id)
    (documents, following), waiting, stop, whole = await asyncio.gather(
        page(given, who.id, CONVERSATIONS.name, filters, NEWEST, limit, cursor),
        given.elastic.count(CONVERSATIONS.name, bool_of(_open_messages(id))),
        given.elastic.get(STOPS.name, id),
        exact_total(given, CONVERSATIONS.name, filters, total=total),
    )
    messages = [ConversationMessage.from_stored(each["fact"]) for each in documents]
    answers = [each for each in messages if each.author is Author.STATION]
    states = await delivery_states(given.elastic, answers)
    shows_writer = who.role is not AccountRole.WORKER
    return ConversationPage(
        worker_id=id,
        items=[_sent(each, states.get(each.id), shows_writer=shows_writer) for each in messages],
        waiting=waiting,
        channels=_channels_outside(profile["fact"]),
        stopped=bool(stop and stop.get("fact", {}).get("stopped")),
        next=following,
        total=whole,
    )


async def write_message(
    given: Services,
    who: Principal,
    id: str,
    content: NewMessage,
    *,
    seed: str,
    answers: bool = True,
) -> Written:
    """Write a message as the worker, or as the station, which settles the messages it answers.

    A message to many people `answers` nobody. The same seed is the same message. The answer is
    published before the messages are settled: a repeat after an interruption settles the rest.
    Raises NotFound, and DailyLimitReached for a worker.
    """
    author = Author.WORKER if who.role is AccountRole.WORKER else Author.STATION
    message_id = facts.written_id(id, who.id, seed)
    through = await _position(given, who, id, content.through)

    async def authorise(current: CurrentFact) -> None:
        await belonging.profile(given, who, Permission.INBOX_WRITE, id)

    async def derive(current: CurrentFact) -> Record:
        if current.fact is not None:
            return facts.message_repeated(ConversationMessage.from_stored(current.fact))
        if author is Author.WORKER:
            await check_daily_limit(given, id, message_id)
        at = given.clock.now()
        return facts.message_written(message_id, id, author, content.text, by=who.id, at=at)[1]

    written = await write_fact(given, MESSAGE, message_id, authorise, derive)
    if author is Author.STATION and answers:
        stored = decode(ConversationMessage, value_of(written.record))
        until = min(stored.sent_at, through or stored.sent_at)
        await _settle(given, await _open_until(given, id, until), message_id)
    return written


async def close_messages(
    given: Services, who: Principal, id: str, through: str | None
) -> list[Written]:
    """Close the open messages of a worker up to one, without an answer. Raises NotFound."""
    until = await _position(given, who, id, through) or given.clock.now()
    return await _settle(given, await _open_until(given, id, until), None)


async def _position(
    given: Services, who: Principal, id: str, through: str | None
) -> datetime | None:
    """Return the time of a message of a conversation that the caller may write in.

    Raises NotFound.
    """
    await belonging.profile(given, who, Permission.INBOX_WRITE, id)
    if through is None:
        return None
    document = await existing_document(
        given.elastic, CONVERSATIONS.name, through, MESSAGE.what, MESSAGE.what_zh
    )
    if document["worker_id"] != id:
        raise not_found(MESSAGE.what, MESSAGE.what_zh, through)
    return datetime.fromisoformat(document["sent_at"])


async def _open_until(given: Services, id: str, until: datetime) -> list[ConversationMessage]:
    """Return the open messages of a worker up to a time, the oldest first."""
    body: Json = {
        "size": MOST_SETTLED,
        "sort": [{"sent_at": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of([*_open_messages(id), {"range": {"sent_at": {"lte": until.isoformat()}}}]),
    }
    found = await given.elastic.search(CONVERSATIONS.name, body)
    return [ConversationMessage.from_stored(hit.source["fact"]) for hit in found.hits]


async def _settle(
    given: Services, messages: Sequence[ConversationMessage], answer_id: str | None
) -> list[Written]:
    """Settle messages that are still open; one that was erased meanwhile is left out."""
    written = [await _settle_one(given, each.id, answer_id) for each in messages]
    return [each for each in written if each is not None and each.changed]


async def _settle_one(given: Services, id: str, answer_id: str | None) -> Written | None:
    """Settle a message; return None if it was erased meanwhile."""

    async def authorise(current: CurrentFact) -> None:
        if current.fact is None:
            raise not_found(MESSAGE.what, MESSAGE.what_zh, id)

    async def derive(current: CurrentFact) -> Record:
        stored = ConversationMessage.from_stored(current.fact)
        if not stored.is_open:
            return facts.message_repeated(stored)
        return facts.message_settled(stored, answer_id, at=given.clock.now())[1]

    try:
        return await write_fact(given, MESSAGE, id, authorise, derive)
    except NotFound:  # the others are settled all the same, and the answer is published already
        return None


def _sent(message: ConversationMessage, state: State | None, *, shows_writer: bool) -> SentMessage:
    return SentMessage(
        id=message.id,
        author=message.author,
        text=message.text,
        shortened=message.shortened,
        repeats=message.repeats,
        channel=message.channel,
        by=message.by if shows_writer else None,
        sent_at=message.sent_at,
        settled_at=message.settled_at,
        answer_id=message.answer_id,
        delivery=state[0] if state else None,
        delivered_on=state[1] if state else None,
    )


def _channels_outside(profile: dict[str, Any]) -> list[ChannelKind]:
    """Return the kinds of confirmed channels besides the inbox, in the worker's order."""
    channels = (Channel.from_stored(each) for each in profile.get("channels") or ())
    kinds = (each.kind for each in reachable_channels(channels))
    return list(dict.fromkeys(each for each in kinds if each is not ChannelKind.INBOX))


def _of_worker(id: str) -> list[Json]:
    return [{"term": {"worker_id": id}}]


def _open_messages(id: str) -> list[Json]:
    return [*_of_worker(id), {"term": {"open": True}}]
