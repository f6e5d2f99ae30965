"""Saved replies (常用回复): texts that a station's clerks send again and again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from roost.events.common import Line, Model, StationId, Text
from roost.events.match import ActorId

SavedReplyId = Annotated[str, Field(pattern=r"^y-[a-z2-7]{26}$")]
LONGEST_TITLE = 60
LONGEST_REPLY = 1_000
"""Characters of a text: as many as a message of a conversation may have."""


class SavedReplyContent(Model):
    """Title and text of a saved reply."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "面试材料", "text": "面试时请带身份证原件和两张一寸照片，提前十分钟到。"}
            ]
        }
    )

    title: Annotated[Line, Field(max_length=LONGEST_TITLE)] = Field(
        description="name in the list; each of a station's replies has another"
    )
    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_REPLY)] = Field(
        description="the reply; it names no person, since all of the station's clerks see it"
    )


class SavedReply(SavedReplyContent):
    """Saved reply as stored in the topic `saved-replies`."""

    id: SavedReplyId
    station_id: StationId
    saved_at: datetime
    saved_by: ActorId = Field(description="id of the account or key that wrote it last")
