"""Answers of the endpoints of notices: the preview, and examples for the API document."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents, FactAnswer
from roost.events.common import Model
from roost.events.notice import Notice

EXAMPLES: Any = {
    "news": {
        "summary": "政策资讯",
        "value": {
            "kind": "policy_news",
            "zh": {"title": "返乡创业补贴", "body": "可到服务站咨询申领。"},
            "audience": {"places": ["cn:1402"]},
        },
    }
}


class NoticeText(Model):
    """A notice in one language."""

    title: str
    body: str


class Reached(Model):
    """Number of recipients now, including those who muted this kind or stopped all messages."""

    workers: int = Field(ge=0)
    stations: int = Field(ge=0)


class NoticePreview(Model):
    """A notice in both languages, and the number of its recipients."""

    zh: NoticeText
    en: NoticeText
    reached: Reached


class NoticeAnswer(Notice, FactAnswer):
    """A notice with its version."""


NoticeFact = Annotated[dict[str, Any], Documents(NoticeAnswer)]
