"""Edits of existing entities: one editor at a time in this process, on the current fact.

A view lags its topic slightly, so a newer write of this process takes precedence over the view. Two
processes can still edit the same entity within that lag (docs/decisions/0014): the later edit wins
as a whole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from api.guards.conditional import Expected
from api.ports.latest_writes import CurrentFact, LatestWrites
from roost.errors import Conflict, FieldError, NotFound
from roost.events.envelope import Record
from roost.topics import NOTICES, OPENINGS, PREFERENCES, PROFILES, STATIONS, STOPS, WEBHOOKS
from roost.views.elastic import Elastic


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity: its view, which is also its path, and its name in both languages."""

    view: str
    what: str
    what_zh: str
    may_be_new: bool = False
    """True if a PUT creates an entity that does not exist."""


Change = Callable[[dict[str, Any]], Awaitable[Record]]
"""Derives the next record from the current fact."""


async def newest(
    elastic: Elastic, latest: LatestWrites, kind: Kind, id: str
) -> tuple[dict[str, Any], int]:
    """Return the current fact and its version. Raises NotFound."""
    current = latest.over(kind.view, id, await elastic.get(kind.view, id))
    if current.fact is None and kind.may_be_new:
        return {}, 0
    if current.fact is None:
        raise NotFound(f"There is no {kind.what} {id}.", f"没有该{kind.what_zh}：{id}")
    return current.fact, current.version


def checked(expected: Expected, current: tuple[dict[str, Any], int]) -> dict[str, Any]:
    """Return the fact if its version is expected. Raises PreconditionFailed."""
    fact, version = current
    expected.check(version)
    return fact


def existing_fact(current: CurrentFact, kind: Kind, id: str) -> dict[str, Any]:
    """Return the current fact. Raises NotFound if there is none."""
    if current.fact is None:
        raise NotFound(f"There is no {kind.what} {id}.", f"没有该{kind.what_zh}：{id}")
    return current.fact


def reference_taken(field: str) -> Conflict:
    """Return the error for a reference that belongs to an entity the caller may not change."""
    message = "belongs to a record that you may not change; use another one, or ask its owner"
    message_zh = "该编号已用于您无权修改的记录，请更换编号或联系其管理单位"
    return Conflict(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )


OPENING = Kind(OPENINGS.name, "opening", "岗位")
PROFILE = Kind(PROFILES.name, "worker", "人员")
PREFERENCE = Kind(PREFERENCES.name, "preferences", "通知设置")
STOP = Kind(STOPS.name, "stop", "退订")
STATION = Kind(STATIONS.name, "station", "服务站", may_be_new=True)
WEBHOOK = Kind(WEBHOOKS.name, "webhook", "webhook")
NOTICE = Kind(NOTICES.name, "notice", "公告")
