"""Use case of one message to many workers, as a message in the conversation of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from api.access import belonging
from api.access.principal import Principal
from api.conversations.schemas import NewMessage
from api.conversations.service import write_message
from api.ports.services import AuditedItem, Services
from roost.contact.confirmed_channels import reachable_channels
from roost.errors import NotFound, RoostError, Transient
from roost.events.account import Permission
from roost.events.audit import Touched
from roost.events.preferences import ChannelKind, DeliveryPreferences
from roost.events.profile import Channel
from roost.rules.conversation_notices import KIND
from roost.topics import PREFERENCES, STOPS
from roost.views.elastic import Json

AT_ONCE = 8
"""Workers that are read or written to at the same time."""
ACCEPTED = 202
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Workers of a message, and the numbers of those who would not receive it as others do."""

    reached: tuple[str, ...] = ()
    inbox_only: int = 0
    """Number of those reached who have no channel besides the inbox."""
    muted: int = 0
    """Number of those reached who have switched such messages off: no channel shows theirs."""
    stopped: int = 0
    """Number of workers left out since they have stopped all messages."""
    unknown: int = 0
    """Number of workers left out since they are erased or out of the caller's reach."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Outcome of the message to one worker."""

    worker_id: str
    error: RoostError | None = None


async def recipients_among(given: Services, who: Principal, people: Sequence[str]) -> Recipients:
    """Return who of some workers would receive a message now. Raises Forbidden."""

    async def profile(id: str) -> Json | None:
        try:
            return await belonging.profile(given, who, Permission.INBOX_WRITE, id)
        except NotFound:
            return None

    profiles = dict(zip(people, await _each(people, profile), strict=True))
    known = [id for id in people if profiles[id] is not None]
    stops, chosen = await asyncio.gather(
        given.elastic.mget([(STOPS.name, id) for id in known]),
        given.elastic.mget([(PREFERENCES.name, id) for id in known]),
    )
    stopped = {id for (_, id), stop in stops.items() if (stop.get("fact") or {}).get("stopped")}
    reached = tuple(id for id in known if id not in stopped)
    inbox_only = sum(not _has_channel(profiles[id] or {}) for id in reached)
    muted = sum(
        _is_muted(profiles[id] or {}, chosen.get((PREFERENCES.name, id)) or {}) for id in reached
    )
    return Recipients(reached, inbox_only, muted, len(stopped), len(people) - len(known))


async def write_to_many(
    given: Services, who: Principal, people: Sequence[str], content: NewMessage, *, seed: str
) -> list[Sent]:
    """Write one message to each of some workers, in their order; a refusal affects no other.

    It answers no message of theirs. The same seed is the same message to each. Raises Transient:
    then all of it can be repeated.
    """

    async def write(id: str) -> Sent:
        try:
            await write_message(given, who, id, content, seed=seed, answers=False)
        except Transient:
            raise
        except RoostError as error:
            return Sent(id, error)
        return Sent(id)

    return await _each(people, write)


def audited_messages(sent: Sequence[Sent]) -> list[AuditedItem]:
    """Return the worker and the status of each message, for the audit trail."""
    return [
        AuditedItem(
            Touched(kind="profiles", id=each.worker_id),
            each.worker_id,
            each.error.status if each.error else ACCEPTED,
        )
        for each in sent
    ]


async def _each(people: Sequence[str], act: Callable[[str], Awaitable[T]]) -> list[T]:
    """Return the result for each worker, `AT_ONCE` of them at the same time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(id: str) -> T:
        async with places:
            return await act(id)

    return list(await asyncio.gather(*(one(id) for id in people)))


def _has_channel(document: Json) -> bool:
    channels = (document.get("fact") or {}).get("channels") or ()
    reachable = reachable_channels(Channel.from_stored(each) for each in channels)
    return any(each.kind is not ChannelKind.INBOX for each in reachable)


def _is_muted(profile: Json, own: Json) -> bool:
    """Return whether a worker has switched a station's messages off: own settings count first."""
    stored = own.get("fact") or (profile.get("fact") or {}).get("preferences") or {}
    telling = DeliveryPreferences.from_stored(stored)
    return telling.muted or KIND.value in telling.muted_kinds
