"""Notices: texts that the service itself sends to workers or stations.

Policy news (政策资讯) goes to the workers and stations of some places. The answer to a request
(服务诉求答复) goes to one worker. The text may be about a person, so the topic is compacted.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.common import Line, Lines, Model, NoticeId, StationId, Text, WorkerId


class NoticeKind(StrEnum):
    """Kind of notice."""

    POLICY_NEWS = "policy_news"
    REQUEST_ANSWERED = "request_answered"


class Words(Model):
    """Title and body in one language."""

    title: Line
    body: Annotated[Text, Field(max_length=4_000)]


class Audience(Model):
    """Recipients: workers and stations by id, and those who live at or serve some places."""

    worker_ids: Annotated[tuple[WorkerId, ...], Field(max_length=1_000)] = ()
    station_ids: Annotated[tuple[StationId, ...], Field(max_length=500)] = ()
    places: Lines = Field(
        (), description="gazetteer keys, e.g. `cn:1407`; a country by two letters"
    )

    @model_validator(mode="after")
    def _somebody(self) -> Audience:
        if not (self.worker_ids or self.station_ids or self.places):
            raise PydanticCustomError("audience", "Give workerIds, stationIds or places")
        return self


class NoticeContent(Model):
    """Content of a notice: everything except its id and time."""

    kind: NoticeKind
    zh: Words | None = None
    en: Words | None = None
    audience: Audience
    urgent: bool = Field(False, description="passes quiet hours, snooze and digests")

    @model_validator(mode="after")
    def _said(self) -> NoticeContent:
        if self.zh is None and self.en is None:
            raise PydanticCustomError("words", "Give the words in zh, en or both")
        if self.kind is NoticeKind.REQUEST_ANSWERED and (
            len(self.audience.worker_ids) != 1 or self.audience.station_ids or self.audience.places
        ):
            raise PydanticCustomError(
                "answer", "An answer goes to the one worker who made the request"
            )
        return self


class Notice(NoticeContent):
    """Notice as stored in the topic `notices`."""

    id: NoticeId
    posted_at: datetime
