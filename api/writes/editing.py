"""Editing what stands: one editor at a time in this process, on the newest that is known of it.

The view is a moment behind the topic, so what this process has published itself counts where it is
newer. Two processes can still edit the same thing within that moment (docs/decisions/0014): the
later one's edit stands, whole.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import orjson

from api.guards.conditional import Expected
from producers.publisher import Position
from roost.errors import NotFound
from roost.events.envelope import Record
from roost.topics import NOTICES, OPENINGS, PROFILES, STATIONS, WEBHOOKS
from roost.views.elastic import Elastic, Json

REMEMBERED = 5_000
"""Newest facts of this process that the views may not show yet; far more than a moment's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands, and at which version; `fact` None when it was erased or never was."""

    fact: dict[str, Any] | None
    version: int


class Latest:
    def __init__(self) -> None:
        self._newest: OrderedDict[tuple[str, str], tuple[int, bytes | None]] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def note(self, record: Record, position: Position) -> None:
        """This process has published it."""
        key = (record.topic.name, record.key)
        known = self._newest.pop(key, None)
        if known is not None and known[0] > position.version:
            self._newest[key] = known
            return
        self._newest[key] = (position.version, record.value)
        while len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)

    def over(self, view: str, id: str, document: Json | None) -> Standing:
        """The newer of what the view says and what this process has published."""
        known = self._newest.get((view, id))
        if known is not None and (document is None or known[0] > document["version"]):
            return Standing(orjson.loads(known[1]) if known[1] is not None else None, known[0])
        if document is None:
            return Standing(None, 0)
        return Standing(None if document.get("erased") else document["fact"], document["version"])

    @asynccontextmanager
    async def alone(self, view: str, id: str) -> AsyncIterator[None]:
        """Nobody else in this process edits it meanwhile."""
        key = (view, id)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield


@dataclass(frozen=True, slots=True)
class Kind:
    """What is edited: its view, which is its path too, and its name."""

    view: str
    what: str
    what_zh: str
    may_be_new: bool = False
    """Whether putting one that is not there yet makes it."""


Change = Callable[[dict[str, Any]], Awaitable[Record]]
"""From the fact that stands to the record of the one that follows it."""


async def newest(
    elastic: Elastic, latest: Latest, kind: Kind, id: str
) -> tuple[dict[str, Any], int]:
    """What stands, and its version. Raises NotFound."""
    standing = latest.over(kind.view, id, await elastic.get(kind.view, id))
    if standing.fact is None and kind.may_be_new:
        return {}, 0
    if standing.fact is None:
        raise NotFound(f"There is no {kind.what} {id}.", f"没有该{kind.what_zh}：{id}")
    return standing.fact, standing.version


def checked(expected: Expected, standing: tuple[dict[str, Any], int]) -> dict[str, Any]:
    """The fact at the version that was expected. Raises PreconditionFailed."""
    fact, version = standing
    expected.check(version)
    return fact


OPENING = Kind(OPENINGS.name, "opening", "岗位")
PROFILE = Kind(PROFILES.name, "worker", "人员")
STATION = Kind(STATIONS.name, "station", "服务站", may_be_new=True)
WEBHOOK = Kind(WEBHOOKS.name, "webhook", "webhook")
NOTICE = Kind(NOTICES.name, "notice", "公告")
