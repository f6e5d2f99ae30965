"""Publishing facts, and answering once Kafka or the views have them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel, Field

from api.guards.conditional import ANYTHING, Expected, tag
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import Change, Kind, checked, newest
from roost.errors import Transient
from roost.events.envelope import Record, keep_unknown_fields
from roost.views.elastic import Elastic, Json

LONGEST_WAIT_S = 30.0


async def _wait(prefer: Annotated[str | None, Header(examples=["wait=5"])] = None) -> float:
    """Return the seconds that `Prefer: wait=N` (RFC 7240) asks for; 0 without it."""
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


@dataclass(frozen=True, slots=True)
class Written:
    """Outcome of a write: the published record, its version, whether it created the entity."""

    record: Record
    version: int
    created: bool = False


Authorise = Callable[[CurrentFact], Awaitable[None]]
"""Raises unless the caller may write to the stored fact; an id out of reach looks unknown."""
Derive = Callable[[CurrentFact], Awaitable[Record]]
"""Derives the next record from the current fact, and authorises the caller against the result."""


async def write_fact(
    given: Services,
    kind: Kind,
    id: str,
    authorise: Authorise,
    derive: Derive,
    *,
    expected: Expected = ANYTHING,
) -> Written:
    """Authorise, check the version, derive and publish; one writer at a time per entity.

    The steps run in this order on the newest fact known, so that a caller without access learns
    neither the version nor whether the entity exists. `fact` of the current fact is None if the
    entity does not exist or has been erased.

    Raises PreconditionFailed if the current version is not `expected`, Transient, and what
    `authorise` and `derive` raise.
    """
    async with given.latest.alone(kind.view, id):
        current = given.latest.over(kind.view, id, await given.elastic.get(kind.view, id))
        await authorise(current)
        if current.fact is not None:
            expected.check(current.version)
        record = keep_unknown_fields(await derive(current), current.fact)
        version = await published(given, record)
    return Written(record, version, created=current.fact is None)


async def answered(
    given: Services, written: Written, where: str, wait_s: float, response: Response
) -> Accepted:
    """Answer a write: wait until searches find it, and set status, location and ETag."""
    record, version, created = written.record, written.version, written.created
    return await accepted(given, record, version, where, wait_s, response, created=created)


async def searchable_within(given: Services, written: Written, wait_s: float) -> bool:
    """Return whether searches find the written version within `wait_s` seconds."""
    return await is_searchable(given.elastic, written.record, written.version, wait_s)


async def accept(
    given: Services, record: Record, where: str, wait_s: float, response: Response, *, created: bool
) -> Accepted:
    """Publish and answer: 202 once acknowledged; 201 or 200 when asked to wait, and found."""
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
    """Publish the record that `change` derives from the current fact, one edit at a time.

    Raises NotFound, PreconditionFailed, and what `change` raises.
    """
    async with given.latest.alone(kind.view, id):
        current = await newest(given.elastic, given.latest, kind, id)
        former = checked(expected, current)
        record = keep_unknown_fields(await change(former), former)
        version = await published(given, record)
    place = where or f"/v1/{kind.view}/{id}"
    return await accepted(given, record, version, place, wait_s, response, created=False)


async def published(given: Services, record: Record) -> int:
    """Publish a record and return its version."""
    [position] = await given.publisher.publish([record])
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
    """Answer a write: wait until searches find it, and set status, location and ETag."""
    done = await is_searchable(given.elastic, record, version, wait_s)
    response.status_code = (201 if created else 200) if done else 202
    response.headers["location"] = where
    if record.value is not None:
        response.headers["etag"] = tag(version)
    return Accepted(id=record.key, version=version, searchable=done, self_=where)


async def is_searchable(elastic: Elastic, record: Record, version: int, wait_s: float) -> bool:
    """Return whether searches find the version within `wait_s` seconds."""

    def reached(document: Json | None) -> bool:
        return document is not None and document["version"] >= version

    found = await waited_for(elastic, record.topic.name, [record.key], reached, wait_s)
    return found is not None


async def publish_batch(given: Services, records: Sequence[Record]) -> list[Written]:
    """Publish several records; return once Kafka has acknowledged all of them."""
    positions = await given.publisher.publish(records)
    for record, position in zip(records, positions, strict=True):
        given.latest.note(record, position)
    return [
        Written(record, position.version)
        for record, position in zip(records, positions, strict=True)
    ]


async def all_searchable_within(given: Services, written: Sequence[Written], wait_s: float) -> bool:
    """Return whether searches find every written version within `wait_s` seconds."""
    found = await asyncio.gather(*(searchable_within(given, each, wait_s) for each in written))
    return all(found)


async def waited_for(
    elastic: Elastic,
    view: str,
    ids: Sequence[str],
    holds: Callable[[Json | None], bool],
    wait_s: float,
) -> list[Json | None] | None:
    """Return the documents once a condition holds for each and searches show them.

    Returns None if that takes longer than `wait_s` seconds.
    """
    if wait_s <= 0:
        return None
    try:
        async with asyncio.timeout(wait_s):
            found = [await poll(elastic, view, id, holds) for id in ids]
            await elastic.refresh(view)
    except (TimeoutError, Transient):
        return None  # Kafka has acknowledged the write, although no view can confirm it
    return found


async def poll(
    elastic: Elastic, view: str, id: str, holds: Callable[[Json | None], bool]
) -> Json | None:
    """Return the document once a condition holds; the caller bounds the time."""
    pause = 0.01
    while not holds(document := await elastic.get(view, id)):
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.25)
    return document
