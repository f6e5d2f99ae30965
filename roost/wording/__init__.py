"""The words of a notification, from what the views say now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.events.notification import URGENT, Notification
from roost.views.mappings import Json

__all__ = ["Message", "Subject", "write"]


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    title: str
    body: str
    urgent: bool = False
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    notification: Notification
    opening: Json | None = None
    match: Json | None = None
    notice: Json | None = None


def write(id: str, language: str, subjects: Sequence[Subject], *, stop_url: str = "") -> Message:
    subject = subjects[0]
    kind = subject.notification.kind
    urgent = subject.notification.urgent or kind in URGENT
    chinese = language.startswith("zh")
    if subject.notice is not None:
        said = subject.notice.get("zh" if chinese else "en") or subject.notice.get(
            "en" if chinese else "zh"
        )
        if said is None:
            raise ValueError("the notice has no words")
        return Message(id, said["title"], said["body"], urgent, stop_url)
    if subject.opening is None:
        raise ValueError("the views do not hold opening")
    title = subject.opening["title"]
    return Message(id, f"新消息：{title}" if chinese else f"News: {title}", title, urgent, stop_url)
