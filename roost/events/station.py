"""The registry of stations: county association, departments, branch stations, townships' desks."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from roost.events.common import Language, Line, Lines, Model, Place, StationId
from roost.events.preferences import ChannelKind, Telling
from roost.events.profile import Channel


class StationKind(StrEnum):
    """association 总会, department 部, branch 服务站/分会, township 乡镇服务点."""

    ASSOCIATION = "association"
    DEPARTMENT = "department"
    BRANCH = "branch"
    TOWNSHIP = "township"


class StationContent(Model):
    identifier: Line = Field(description="the station's own short code, unique in its registry")
    name: Line
    kind: StationKind = StationKind.BRANCH
    place: Place
    serves: Lines = Field((), description="gazetteer keys of the places whose people it serves")
    language: Language = "zh"
    channels: tuple[Channel, ...] = (Channel(kind=ChannelKind.INBOX),)
    preferences: Telling = Telling()


class Station(StationContent):
    id: StationId
    source: Line = "api"
