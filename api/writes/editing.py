"""Kinds of entity that services write, and the errors of a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from api.lists.documents import not_found
from api.ports.latest_writes import CurrentFact
from roost.errors import Conflict, conflicting_field
from roost.events.common import Model
from roost.topics import (
    CANDIDATE_REQUESTS,
    CONVERSATIONS,
    EMPLOYERS,
    NOTES,
    NOTICES,
    OPENINGS,
    PREFERENCES,
    PROFILES,
    SAVED_SEARCHES,
    SLOTS,
    STATIONS,
    STOPS,
    SUPPRESSIONS,
    WEBHOOKS,
)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity: its view, which is also its path, and its name in both languages."""

    view: str
    what: str
    what_zh: str
    timed_by: str = ""
    """Field with the time of the write; a repeat that differs in it alone changes nothing."""
    lock: str = ""
    """View whose entity of the same id is locked for a write, if not this one."""


def existing_fact(current: CurrentFact, kind: Kind, id: str) -> dict[str, Any]:
    """Return the current fact. Raises NotFound if there is none."""
    if current.fact is None:
        raise not_found(kind.what, kind.what_zh, id)
    return current.fact


def parsed_once(model: type[M]) -> Callable[[CurrentFact], M]:
    """Return a parser of the stored fact for the steps of one write, which share the result."""
    parsed: list[M] = []

    def parse(current: CurrentFact) -> M:
        if not parsed:
            parsed.append(model.from_stored(current.fact))
        return parsed[0]

    return parse


def reference_taken(field: str) -> Conflict:
    """Return the error for a reference that belongs to an entity the caller may not change."""
    message = "belongs to a record that you may not change; use another one, or ask its owner"
    message_zh = "该编号已用于您无权修改的记录，请更换编号或联系其管理单位"
    return conflicting_field(field, message, message_zh)


OPENING = Kind(OPENINGS.name, "opening", "岗位")
PROFILE = Kind(PROFILES.name, "worker", "人员")
PREFERENCE = Kind(
    PREFERENCES.name, "preferences", "通知设置", timed_by="chosenAt", lock=PROFILES.name
)
STOP = Kind(STOPS.name, "stop", "退订", timed_by="at", lock=PROFILES.name)
SUPPRESSION = Kind(
    SUPPRESSIONS.name, "suppression", "禁止登记记录", timed_by="at", lock=PROFILES.name
)
EMPLOYER = Kind(EMPLOYERS.name, "employer's contact", "单位联系方式")
STATION = Kind(STATIONS.name, "station", "服务站")
WEBHOOK = Kind(WEBHOOKS.name, "webhook", "webhook")
NOTICE = Kind(NOTICES.name, "notice", "公告", timed_by="postedAt")
MESSAGE = Kind(CONVERSATIONS.name, "message", "消息", timed_by="sentAt")
CANDIDATE_REQUEST = Kind(CANDIDATE_REQUESTS.name, "request for candidates", "推荐请求")
SLOT = Kind(SLOTS.name, "interview slot", "面试时段", timed_by="arrangedAt")
NOTE = Kind(NOTES.name, "note", "备注", timed_by="writtenAt")
SAVED_SEARCH = Kind(SAVED_SEARCHES.name, "saved search", "岗位订阅")
