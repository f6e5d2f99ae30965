"""Registry of stations: county association, departments, branch stations, township desks."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from roost.events.common import Language, Line, Lines, Model, Place, StationId
from roost.events.opening_hours import StationHours
from roost.events.preferences import ChannelKind, DeliveryPreferences
from roost.events.profile import Channel


class StationKind(StrEnum):
    """Kind of station: association 总会, department 部, branch 服务站/分会, township 乡镇服务点."""

    ASSOCIATION = "association"
    DEPARTMENT = "department"
    BRANCH = "branch"
    TOWNSHIP = "township"


class StationContent(Model):
    """Content of a registry entry: everything except its id and source."""

    identifier: Line = Field(description="short code of the station, unique in the registry")
    name: Line
    kind: StationKind = StationKind.BRANCH
    place: Place
    serves: Lines = Field((), description="gazetteer keys of the places it serves")
    language: Language = "zh"
    channels: tuple[Channel, ...] = (Channel(kind=ChannelKind.INBOX),)
    preferences: DeliveryPreferences = DeliveryPreferences()
    telephone: Line | None = Field(
        None, description="number that workers call, in E.164; an extension follows `-`"
    )
    opening_hours: StationHours | None = Field(
        None, description="hours in which deadlines and reminders run; by default the county's"
    )


class Station(StationContent):
    """Station as stored in the topic `stations`."""

    id: StationId
    source: Line = "api"
