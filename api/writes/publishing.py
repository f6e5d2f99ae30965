"""Publication of facts, and the answers once Kafka or the views have them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel, Field

from api.guards.conditional import ANYTHING, UNCHANGED, Expected, tag
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import Kind
from roost.errors import Transient
from roost.events.envelope import Record, is_unchanged, keep_unknown_fields
from roost.views.elastic import Elastic, Json

LONGEST_WAIT_S = 30


async def _wait(
    response: Response, prefer: Annotated[str | None, Header(examples=["wait=5"])] = None
) -> float:
    """Return the seconds that `Prefer: wait=N` (RFC 7240) asks for; 0 without it.

    `Preference-Applied` names the seconds that are granted.
    """
    for part in (prefer or "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "wait" and value.isascii() and value.isdigit():
            granted = min(int(value[:9]), LONGEST_WAIT_S)
            response.headers["preference-applied"] = f"wait={granted}"
            return float(granted)
    return 0.0


Wait = Annotated[float, Depends(_wait)]


class Accepted(BaseModel):
    """Write that Kafka has acknowledged; `version` is the entity's new version."""

    id: str
    version: int
    searchable: bool = Field(description="whether searches find this version")
    self_: str = Field(serialization_alias="self", description="path of the entity")


@dataclass(frozen=True, slots=True)
class Written:
    """Outcome of a write: the record, its version, whether it created or changed the entity."""

    record: Record
    version: int
    created: bool = False
    changed: bool = True
    """False if the stored fact was the same already: nothing was published."""


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
    also_locked: Collection[str] = (),
) -> Written:
    """Authorise, check the version, derive and publish; one writer at a time per entity.

    `also_locked` are ids of further entities of the kind that `authorise` or `derive` reads.

    The steps run in this order on the newest fact known, so that a caller without access learns
    neither the version nor whether the entity exists. `fact` of the current fact is None if the
    entity does not exist or has been erased. A record equal to the current fact is not published.

    A view lags its topic slightly, so a newer write of this process takes precedence over the view.
    Two processes can still edit the same entity within that lag (docs/decisions/0014): the later
    edit wins as a whole.

    Raises PreconditionFailed if the current version is not `expected`, Transient, and the errors of
    `authorise` and `derive`.
    """
    async with given.latest.all_alone(kind.lock or kind.view, (id, *also_locked)):
        current = given.latest.over(kind.view, id, await given.elastic.get(kind.view, id))
        await authorise(current)
        if current.fact is None:
            expected.check_absent()
        else:
            expected.check(current.version)
        record = keep_unknown_fields(await derive(current), current.fact)
        if is_unchanged(record, current.fact, timed_by=kind.timed_by):
            return Written(record, current.version, changed=False)
        [written] = await publish_batch(given, [record])
    return replace(written, created=current.fact is None)


async def answered(
    given: Services, written: Written, where: str, wait_s: float, response: Response
) -> Accepted:
    """Answer a write: wait until searches find it, and set status, location and ETag.

    The status is 202 once Kafka has acknowledged the write, and 201 or 200 once searches find it.
    A write that changed nothing is answered 200 at once with the current version.
    """
    record, version = written.record, written.version
    searchable = await _is_searchable(given, written, wait_s)
    response.status_code = (201 if written.created else 200) if searchable else 202
    if not written.changed:
        response.status_code = 200
    response.headers["location"] = where
    if record.value is not None:
        response.headers["etag"] = tag(version)
        response.headers["cache-control"] = f"no-store, {UNCHANGED}"
    return Accepted(id=record.key, version=version, searchable=searchable, self_=where)


async def _is_searchable(given: Services, written: Written, wait_s: float) -> bool:
    """Return whether searches find the version; one that was not changed may be found at once."""
    if not written.changed:
        document = await given.elastic.get(written.record.topic.name, written.record.key)
        if document is not None and document["version"] >= written.version:
            return True
    return await searchable_within(given, written, wait_s)


async def searchable_within(given: Services, written: Written, wait_s: float) -> bool:
    """Return whether searches find the written version within `wait_s` seconds."""

    def reached(document: Json | None) -> bool:
        return document is not None and document["version"] >= written.version

    view, id = written.record.topic.name, written.record.key
    return await waited_for(given.elastic, view, [id], reached, wait_s) is not None


async def publish_batch(given: Services, records: Sequence[Record]) -> list[Written]:
    """Publish records; return once Kafka has acknowledged all of them.

    For records that need no version check: `write_fact` calls it for those that do.
    """
    positions = await given.publisher.publish(records)
    for record, position in zip(records, positions, strict=True):
        if record.topic.compacted:  # others, such as receipts, are never edited
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
