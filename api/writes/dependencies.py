"""What endpoints are given: the publisher, the views, the clock; and how a write is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field
from sse_starlette import ServerSentEvent

from api.access.identity_changes import Identities
from api.access.password_throttle import Passwords
from api.guards.audit_trail import Trail
from api.guards.conditional import Expected, tag, tagged
from api.guards.idempotency.keeping import Kept
from api.imports.running import Imports
from api.lists.sparse import Fields, only
from api.live.change_feed import Feed
from api.live.hub import Live
from api.writes.editing import Change, Kind, Latest, checked, newest
from producers.publisher import Publisher
from roost.errors import NotFound, Transient
from roost.events.envelope import Record
from roost.settings import Settings
from roost.time.clock import Clock, day_of
from roost.views.elastic import Elastic, Json

LONGEST_WAIT_S = 30.0
NO_IMPORTS = cast(Imports, None)
NO_FEED = cast(Feed, None)


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    publisher: Publisher
    elastic: Elastic
    live: Live
    """Changes of matches, by station."""
    live_inbox: Live
    """New entries of inboxes, by recipient."""
    clock: Clock
    key: bytes
    """The county's: links are signed with what is derived from it."""
    identities: Identities = field(default_factory=Identities)
    trail: Trail = field(default_factory=lambda: Trail(lambda records: None))
    """Of who saw and changed what."""
    passwords: Passwords = field(default_factory=Passwords)
    requests: Kept = field(default_factory=Kept)
    """The answers of the last day, by Idempotency-Key."""
    latest: Latest = field(default_factory=Latest)
    """What this process has published and the views may not show yet."""
    imports: Imports = NO_IMPORTS
    """Bulk imports; a test that starts nothing has none."""
    feed: Feed = NO_FEED
    """The change feed; the same."""

    @property
    def today(self) -> date:
        """Where the county is."""
        return day_of(self.clock.now(), self.settings.zone)


async def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Given = Annotated[Services, Depends(services)]


async def _wait(prefer: Annotated[str | None, Header(examples=["wait=5"])] = None) -> float:
    """Seconds that `Prefer: wait=N` (RFC 7240) asks for; 0 without it."""
    for part in (prefer or "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "wait" and value.isdigit():
            return min(float(value), LONGEST_WAIT_S)
    return 0.0


Wait = Annotated[float, Depends(_wait)]


class Accepted(BaseModel):
    """A write that Kafka has acknowledged. `version` is that of the entity from now on."""

    id: str
    version: int
    searchable: bool = Field(description="whether searches find it already")
    self_: str = Field(serialization_alias="self", description="where it can be read")


async def accept(
    given: Services, record: Record, where: str, wait_s: float, response: Response, *, created: bool
) -> Accepted:
    """Publishes and answers: 202 once acknowledged; 201 or 200 when asked to wait, and found."""
    version = await published(given, record)
    return await accepted(given, record, version, where, wait_s, response, created=created)


async def edit(
    given: Services,
    kind: Kind,
    id: str,
    expected: Expected,
    change: Change,
    wait_s: float,
    response: Response,
    where: str | None = None,
) -> Accepted:
    """Publishes what follows on what stands; nobody else in this process edits it meanwhile.

    Raises NotFound, PreconditionFailed, and what `change` raises.
    """
    async with given.latest.alone(kind.view, id):
        standing = await newest(given.elastic, given.latest, kind, id)
        record = await change(checked(expected, standing))
        version = await published(given, record)
    place = where or f"/v1/{kind.view}/{id}"
    return await accepted(given, record, version, place, wait_s, response, created=False)


async def published(given: Services, record: Record) -> int:
    """The version that it has from now on."""
    position = await given.publisher.apublish(record)
    given.latest.note(record, position)
    return position.version


async def accepted(
    given: Services,
    record: Record,
    version: int,
    where: str,
    wait_s: float,
    response: Response,
    *,
    created: bool,
) -> Accepted:
    done = await seen(given.elastic, record, version, wait_s)
    response.status_code = (201 if created else 200) if done else 202
    response.headers["location"] = where
    if record.value is not None:
        response.headers["etag"] = tag(version)
    return Accepted(id=record.key, version=version, searchable=done, self_=where)


async def seen(elastic: Elastic, record: Record, version: int, wait_s: float) -> bool:
    """Whether the view has come to the version within the time; then it is made searchable."""

    def reached(document: Json | None) -> bool:
        return document is not None and document["version"] >= version

    found = await waited_for(elastic, record.topic.name, [record.key], reached, wait_s)
    return found is not None


async def publish(given: Services, records: Sequence[Record], wait_s: float) -> bool:
    """Publishes what has no answer of its own; whether the views have all of it within the time."""
    positions = await asyncio.to_thread(given.publisher.publish, records)
    found = await asyncio.gather(
        *(
            seen(given.elastic, record, position.version, wait_s)
            for record, position in zip(records, positions, strict=True)
        )
    )
    return all(found)


async def waited_for(
    elastic: Elastic,
    view: str,
    ids: Sequence[str],
    holds: Callable[[Json | None], bool],
    wait_s: float,
) -> list[Json | None] | None:
    """The documents once a condition holds for each, which every search then shows as well; None
    when it does not within the time."""
    if wait_s <= 0:
        return None
    try:
        async with asyncio.timeout(wait_s):
            found = [await poll(elastic, view, id, holds) for id in ids]
            await elastic.refresh(view)
    except (TimeoutError, Transient):
        return None  # what Kafka has acknowledged is accepted, though no view can be asked
    return found


async def poll(
    elastic: Elastic, view: str, id: str, holds: Callable[[Json | None], bool]
) -> Json | None:
    """The document once a condition holds; the caller bounds the time."""
    pause = 0.01
    while not holds(document := await elastic.get(view, id)):
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.25)
    return document


async def standing(elastic: Elastic, view: str, id: str, what: str, what_zh: str) -> Json:
    """The document of something that is there. Raises NotFound."""
    document = await elastic.get(view, id)
    if document is None or document.get("erased"):
        raise missing(what, what_zh, id)
    return document


def missing(what: str, what_zh: str, id: str) -> NotFound:
    """The same words for what is not there and for what is not theirs to see."""
    return NotFound(f"There is no {what} {id}.", f"没有该{what_zh}：{id}")


def shown(document: Json) -> dict[str, Any]:
    """A view's document as the API shows it: the fact, with its version."""
    return {**document["fact"], "version": document["version"]}


def read_as(document: Json, response: Response, fields: Fields = None) -> dict[str, Any]:
    """One document with its tag, or the fields of it that were asked for."""
    tagged(response, document["version"])
    return only(shown(document), fields)


async def told_live(
    live: Live,
    who: str,
    last_id: str | None,
    event: str,
    still: Callable[[], bool] = lambda: True,
) -> AsyncIterator[ServerSentEvent]:
    """`ready`, then everything that concerns somebody, as server-sent events.

    It ends, and tells nothing more, when whoever watches may `still` watch no longer.
    """
    since = last_id or await live.position()
    yield ServerSentEvent(event="ready", id=since, data=who, retry=2_000)
    async for change in live.watch(who, since):
        if not still():
            return
        yield ServerSentEvent(event=event, id=change.id, data=change.data)
