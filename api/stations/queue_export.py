"""A station's queue as a table, without names, numbers or addresses of workers. Pure.

An ended match gives no access to the worker, so its row has no township of residence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from api.lists.exports import Cell
from api.stations.queue_query import place_label
from roost.events.match import MatchState
from roost.places.gazetteer import Gazetteer
from roost.views.elastic import Json
from roost.wording.action_words import STATES_ZH

MOST_ROWS = 10_000
"""Rows of an export: as many as Elasticsearch returns for one search."""
SOURCE_FIELDS = (
    "id",
    "state",
    "township",
    "score",
    "proposed_at",
    "act_by",
    "assigned_to",
    "first_contact_at",
    "accepted_at",
    "fact.about",
)
"""Fields of a match's document that a row needs."""
NAMES = ("Queue", "匹配队列")
HEADER = (
    ("Match", "匹配编号"),
    ("State", "状态"),
    ("Opening", "岗位"),
    ("Occupation", "职业"),
    ("Township", "乡镇"),
    ("Score", "匹配分"),
    ("Proposed", "匹配时间"),
    ("Act by", "办理期限"),
    ("Assigned to", "经办人"),
    ("First contact", "首次联系"),
    ("Worker interested", "本人愿意"),
)


def sheet_name(chinese: bool) -> str:
    """Return the name of the sheet in Chinese or English."""
    return NAMES[chinese]


def header_cells(chinese: bool) -> list[str]:
    """Return the header row in Chinese or English."""
    return [names[chinese] for names in HEADER]


def rows_of_cells(
    documents: Iterable[Json], name_of: Callable[[str], str], places: Gazetteer, chinese: bool
) -> Iterator[list[Cell]]:
    """Yield a row of cells for each match, in the order of the header."""
    for document in documents:
        state = MatchState(document["state"])
        about = document["fact"].get("about", {})
        holder = document.get("assigned_to")
        township = document.get("township") or "" if state.active else ""
        yield [
            document["id"],
            STATES_ZH[state] if chinese else state.value,
            about.get("title", ""),
            about.get("occupationName", ""),
            place_label(places, township),
            document["score"],
            _time(document.get("proposed_at")),
            _time(document.get("act_by")),
            name_of(holder) if holder else "",
            _time(document.get("first_contact_at")),
            _time(document.get("accepted_at")),
        ]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
