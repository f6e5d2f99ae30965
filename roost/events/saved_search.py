"""Saved searches: conditions under which a worker is notified of new openings.

The topic `saved-searches` is compacted and keyed by the search's own id, so that each can be erased
alone; all of a worker are erased with the worker. A search is complete in itself: the centre of a
circle is stored with it, so no other record changes what it finds.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import Line, Model, SavedSearchId, Shift, WorkerId
from roost.events.match import ActorId

LONGEST_NAME = 40
"""Maximum length of a search's name in characters."""
LONGEST_WORDS = 100
"""Maximum length of a search's words in characters."""
MOST_WAGE = 100_000_000
MOST_KM = 5_000


class SearchNotice(StrEnum):
    """Time at which a worker is notified of a new opening."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    """With the next digest: at the worker's own time, else at 8:00."""


class Centre(Model):
    """Centre of a circle in degrees, as it was when the search was saved."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class SearchConditions(Model):
    """Conditions that an opening meets, all of them; one that is absent filters nothing."""

    words: Annotated[Line, Field(max_length=LONGEST_WORDS)] | None = Field(
        None, description="words of the title, the employer's name, the skills or the description"
    )
    place: Annotated[Line, Field(max_length=64)] | None = Field(
        None, description="key of a place of work; includes every place within it"
    )
    within_km: Annotated[float, Field(gt=0, le=MOST_KM)] | None = Field(
        None, description="greatest distance from the worker's place when the search was saved"
    )
    wage: Annotated[float, Field(gt=0, le=MOST_WAGE)] | None = Field(
        None, description="highest wage a month is at least this"
    )
    occupation: Annotated[Line, Field(max_length=64)] | None = Field(
        None, description="key of the taxonomy, e.g. `zh:6-29-01-01`"
    )
    shift: Shift | None = None
    lodging: bool = Field(False, description="openings with lodging")
    near_home: bool = Field(False, description="openings near the worker's home")
    employer: Annotated[Line, Field(max_length=64)] | None = Field(
        None, description="openings of this employer's id"
    )


class SavedSearch(SearchConditions):
    """Search of a worker, as stored in the topic `saved-searches`."""

    id: SavedSearchId
    worker_id: WorkerId
    name: Annotated[Line, Field(max_length=LONGEST_NAME)]
    notice: SearchNotice = SearchNotice.AT_ONCE
    paused: bool = False
    occupation_name: Annotated[Line, Field(max_length=200)] | None = None
    centre: Centre | None = Field(None, description="centre of `withinKm`")
    home: Annotated[Line, Field(max_length=64)] | None = Field(
        None, description="key of the home of `nearHome`"
    )
    home_centre: Centre | None = None
    counts_from: datetime = Field(
        description="openings posted from then on are new: the last change of the conditions, or "
        "the end of the last pause"
    )
    by: ActorId = Field(description="account or key that saved it")
    created_at: datetime
