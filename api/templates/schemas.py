"""Answers of the endpoints of templates."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from roost.events.notification import NotificationKind

TemplateKind = NotificationKind | Literal["digest"]
"""Kinds of message: those of notifications, and the digest of several."""


class Template(BaseModel):
    """A kind of message, with the titles of its sample."""

    kind: str
    urgent: bool = Field(description="ignores quiet hours, snooze, digests and throttling")
    zh: str = Field(description="title of the sample, in Chinese")
    en: str = Field(description="title of the sample, in English")


class Templates(BaseModel):
    """All kinds of message."""

    items: list[Template]


class TemplatePreview(BaseModel):
    """A message as it would be sent, about fictitious people and openings."""

    kind: str
    language: str
    title: str
    body: str
    urgent: bool
    source: str = Field(description="the template's source; its first line is the title")
