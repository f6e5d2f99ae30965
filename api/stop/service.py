"""Use cases of stops: read, stop and resume messages, stop by a link or a reply.

A stop through the API is authorised as a change of the worker's profile. A link is authorised by
its signature, and a reply by the permission of the gateway that forwards it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from api.access import belonging, policy
from api.access.principal import Principal
from api.conversations.inbound import Outcome, receive_reply
from api.lists.paging import every
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.stop.schemas import Reply, StopState
from api.writes.editing import STOP
from api.writes.publishing import Written, all_searchable_within, publish_batch, write_fact
from producers import message_facts
from roost import ids
from roost.contact import stop_links
from roost.contact.addresses import address_key
from roost.contact.stop_words import is_stop
from roost.errors import Transient
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.preferences import StoppedBy
from roost.metrics import REPLIES
from roost.topics import EMPLOYERS, PROFILES, STOPS
from roost.views.elastic import Json

IN_FORCE_S = 10.0
"""Longest wait for a stop to be in force; after it the page says that the stop is pending."""


async def find_stop(given: Services, who: Principal, id: str) -> StopState:
    """Return whether a worker has stopped all messages. Raises NotFound."""
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    document = await given.elastic.get(STOPS.name, id)
    if document is None or document.get("erased"):
        return StopState(worker_id=id, stopped=False)
    return StopState.from_stored(document["fact"])


async def stop_messages(given: Services, who: Principal, id: str) -> Written:
    """Stop all messages to a worker. Raises NotFound."""
    return await _set_stop(given, who, id, stopped=True)


async def resume_messages(given: Services, who: Principal, id: str) -> Written:
    """Send messages to a worker again. Raises NotFound."""
    return await _set_stop(given, who, id, stopped=False)


async def stop_by_link(given: Services, recipient_id: str) -> bool:
    """Stop all messages to the recipient of a signed link; return whether the stop is in force.

    A link that was sent before the ids were migrated names the worker by the former id. Raises
    WrongLink if it names nobody.
    """
    return await _stop_recipients(given, await _ids_of_link(given, recipient_id), StoppedBy.LINK)


async def _ids_of_link(given: Services, recipient_id: str) -> list[str]:
    """Return the recipient's current id; both possible ones while the views cannot be read.

    Raises WrongLink for one of neither id: nobody may believe in a stop without an effect.
    """
    both = list(dict.fromkeys((recipient_id, ids.successor(recipient_id, ids.current_key()))))
    try:
        keys = [(view, id) for id in both for view in (_view_of(id), STOPS.name)]
        found = await given.elastic.mget(keys, ("erased",))
    except Transient:
        return both
    known = [id for id in both if {(_view_of(id), id), (STOPS.name, id)} & found.keys()]
    if not known:
        raise stop_links.unknown_recipient()
    return known


def _view_of(recipient_id: str) -> str:
    """Return the view of a recipient's own record."""
    return EMPLOYERS.name if recipient_id.startswith("e-") else PROFILES.name


async def forward_reply(given: Services, who: Principal, reply: Reply) -> int | None:
    """Stop messages to the recipients with the reply's address, or keep it as a message.

    Returns the number of recipients who were stopped. A caller who may not read profiles gets None,
    without a wait for the stops to be in force: neither answer nor wait tells whether an address is
    known. Raises Transient.
    """
    counts = policy.may(who, Permission.PROFILES_READ)
    stopped = await take_reply(given, reply, IN_FORCE_S if counts else 0)
    return stopped if counts else None


async def take_reply(given: Services, reply: Reply, wait_s: float = 0) -> int:
    """Stop messages to the recipients with the reply's address, or keep it as a message.

    Returns the number of recipients who were stopped, after at most `wait_s` seconds for the stops
    to be in force. Raises Transient.
    """
    if not is_stop(reply.text):
        await receive_reply(given, reply)
        return 0
    stopped = await _stop_by_reply(given, reply, wait_s)
    REPLIES.labels(Outcome.STOP.value).inc()
    return stopped


async def _stop_by_reply(given: Services, reply: Reply, wait_s: float) -> int:
    filters: list[Json] = [{"term": {"addresses": address_key(reply.channel, reply.address)}}]
    found = [
        document["id"]
        for view in (PROFILES.name, EMPLOYERS.name)
        async for document in every(given.elastic, view, filters)
    ]
    await _stop_recipients(given, found, StoppedBy.WORD, wait_s)
    return len(found)


async def _set_stop(given: Services, who: Principal, id: str, *, stopped: bool) -> Written:
    """Publish whether a worker has stopped all messages. Raises NotFound."""

    async def authorise(current: CurrentFact) -> None:
        await belonging.profile(given, who, Permission.PROFILES_WRITE, id)

    async def derive(current: CurrentFact) -> Record:
        return message_facts.stop_said(id, StoppedBy.API, at=given.clock.now(), stopped=stopped)[1]

    written = await write_fact(given, STOP, id, authorise, derive)
    return replace(written, created=False)  # every worker has a stop state already


async def _stop_recipients(
    given: Services, recipient_ids: Collection[str], by: StoppedBy, wait_s: float = IN_FORCE_S
) -> bool:
    """Stop all messages to the recipients; return whether every stop is in force.

    While the views cannot be read every stop is published: repeating one does no harm, and a stop
    must not wait.
    """
    try:
        due = await _not_stopped(given, recipient_ids)
    except Transient:
        due = list(recipient_ids)
    records = [message_facts.stop_said(id, by, at=given.clock.now())[1] for id in due]
    if not records:
        return True
    return await all_searchable_within(given, await publish_batch(given, records), wait_s)


async def _not_stopped(given: Services, recipient_ids: Collection[str]) -> list[str]:
    """Return the recipients that are neither stopped nor erased; erased ones get no messages."""
    keys = [(view, id) for id in recipient_ids for view in (_view_of(id), STOPS.name)]
    found = await given.elastic.mget(keys, ("erased", "fact.stopped"))
    erased = {id for id in recipient_ids if found.get((_view_of(id), id), {}).get("erased")}
    stopped = {
        id for id in recipient_ids if found.get((STOPS.name, id), {}).get("fact", {}).get("stopped")
    }
    return [id for id in recipient_ids if id not in erased | stopped]
