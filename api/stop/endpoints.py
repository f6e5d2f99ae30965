"""Stopping all messages: by a link, by a word in reply, or through the API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response
from fastapi.responses import HTMLResponse

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.lists.paging import every
from api.ports.services import Given, Services
from api.stop import page
from api.stop.schemas import Heard, Reply, Standing
from api.writes.publishing import Accepted, Wait, accept, publish_together
from producers import facts
from roost.contact import stop_links
from roost.contact.addresses import address_key
from roost.contact.stop_words import is_stop
from roost.errors import Transient
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.preferences import StoppedBy
from roost.topics import PROFILES, STOPS
from roost.views.elastic import Json

router = APIRouter(prefix="/v1", tags=["stop"])
PAGES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Kept, and in force in a moment", "content": {"text/html": {}}},
    404: {"description": "The link is not whole", "content": {"text/html": {}}},
}
IN_FORCE_S = 10.0
"""How long a person waits for their stop to be in force before the page says that it is coming."""
EXAMPLE = {"channel": "sms", "address": "+8613800138000", "text": "退订"}


def _signed(token: Annotated[str, Path(max_length=100)], given: Given) -> str:
    """The worker whom the link is for. Raises WrongLink."""
    return stop_links.worker_of(given.key, token)


Signed = Annotated[str, Depends(_signed)]
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
HandsOn = Annotated[Principal, allow(Permission.INBOX_WRITE, everywhere=True)]


@router.get(
    "/stop/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="The page behind a stop link",
)
async def ask(worker_id: Signed) -> HTMLResponse:
    """Changes nothing, so that whatever opens the links of a mail stops nobody."""
    return page.asking()


@router.post(
    "/stop/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Stop by a link (RFC 8058)",
)
async def stop_by_link(worker_id: Signed, given: Given) -> HTMLResponse:
    """The page's button, or a mail program's (`List-Unsubscribe=One-Click`). Repeats do nothing."""
    in_force = await _stop(given, [worker_id], StoppedBy.LINK, IN_FORCE_S)
    return page.stopped(in_force=in_force)


@router.post("/replies", summary="Hand on what somebody has answered to a message")
async def hear(
    reply: Annotated[Reply, Body(examples=[EXAMPLE])], who: HandsOn, given: Given
) -> Heard:
    """A word that stops (退订, STOP …) stops every worker with this address.

    Any other text does nothing and is kept nowhere.
    """
    if not is_stop(reply.text):
        return Heard(stopped=0)
    key = address_key(reply.channel, reply.address)
    found = [each async for each in _workers(given, key)]
    await _stop(given, found, StoppedBy.WORD, IN_FORCE_S)
    return Heard(stopped=len(found))


@router.get("/profiles/{id}/stop", summary="Whether a worker has stopped all messages")
async def read(id: WorkerId, who: Reads, given: Given, response: Response) -> Standing:
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    document = await given.elastic.get(STOPS.name, id)
    found = Standing(worker_id=id, stopped=False)
    if document is not None and not document.get("erased"):
        found = Standing.from_stored(document["fact"])
    tagged(response, digest_of(found))
    return found


@router.put("/profiles/{id}/stop", status_code=202, summary="Stop all messages to a worker")
async def stop(id: WorkerId, who: Writes, given: Given, wait: Wait, response: Response) -> Accepted:
    return await _said(given, who, id, wait, response, stopped=True)


@router.delete("/profiles/{id}/stop", status_code=202, summary="A worker wants messages again")
async def resume(
    id: WorkerId, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Only when they themselves say so."""
    return await _said(given, who, id, wait, response, stopped=False)


async def _said(
    given: Services, who: Principal, id: str, wait: float, response: Response, *, stopped: bool
) -> Accepted:
    await belonging.profile(given, who, Permission.PROFILES_WRITE, id)
    _, record = facts.stop_said(id, StoppedBy.API, at=given.clock.now(), stopped=stopped)
    where = f"/v1/profiles/{id}/stop"
    return await accept(given, record, where, wait, response, created=False)


async def _workers(given: Services, key: str) -> AsyncIterator[str]:
    wanted: list[Json] = [{"term": {"addresses": key}}]
    async for document in every(given.elastic, PROFILES.name, wanted):
        yield document["id"]


async def _stop(given: Services, worker_ids: Collection[str], by: StoppedBy, wait_s: float) -> bool:
    """Stops who is not stopped yet; whether all of it is in force within the time."""
    try:
        due = await _not_stopped(given, worker_ids)
    except Transient:
        due = list(worker_ids)  # nobody's stop waits until a view can be read again
    records = [facts.stop_said(id, by, at=given.clock.now())[1] for id in due]
    return await publish_together(given, records, wait_s) if records else True


async def _not_stopped(given: Services, worker_ids: Collection[str]) -> list[str]:
    """Of an erased worker nothing is kept any more, and nobody tells them anything."""
    keys = [(view, id) for id in worker_ids for view in (PROFILES.name, STOPS.name)]
    found = await given.elastic.mget(keys, ("erased", "fact.stopped"))
    erased = {id for id in worker_ids if found.get((PROFILES.name, id), {}).get("erased")}
    stopped = {
        id for id in worker_ids if found.get((STOPS.name, id), {}).get("fact", {}).get("stopped")
    }
    return [id for id in worker_ids if id not in erased | stopped]
