"""Responses of the change feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, RootModel

from api.lists.answer_schemas import Documents
from api.matches.schemas import MatchAnswer
from api.openings.schemas import OpeningAnswer
from api.stations.schemas import StationAnswer
from roost.events.common import Model


class ChangedEntity(RootModel[OpeningAnswer | MatchAnswer | StationAnswer]):
    """Fact of a change: an opening, a match or a station, by `type`."""


ChangedFact = Annotated[dict[str, Any], Documents(ChangedEntity)]


class Changed(Model):
    """One change of an entity."""

    type: str
    id: str
    version: int
    at: datetime
    erased: bool = False
    data: ChangedFact | None = Field(
        None, description="the fact, if the caller may read it; never of workers"
    )


class Changes(Model):
    """Page of changes, oldest first."""

    items: Sequence[Changed]
    next: str = Field(description="`since` of the next request")
    more: bool = Field(description="whether more changes are available now")
