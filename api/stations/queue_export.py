"""A queue as a table: pure. No name, number or address of a worker goes into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from api.lists.exports import Cell
from roost.events.match import MatchState
from roost.places.gazetteer import Gazetteer
from roost.views.elastic import Json
from roost.wording.action_words import STATES_ZH

MOST_ROWS = 10_000
HEADER = (
    ("Match", "匹配编号"),
    ("State", "状态"),
    ("Opening", "岗位"),
    ("Occupation", "职业"),
    ("Township", "乡镇"),
    ("Score", "匹配分"),
    ("Proposed", "推送时间"),
    ("Act by", "应处理时间"),
    ("Who has it", "经办人"),
    ("First contact", "首次联系"),
    ("Worker interested", "本人愿意"),
)


def header(chinese: bool) -> list[str]:
    return [names[chinese] for names in HEADER]


def rows(
    documents: Iterable[Json], name: Callable[[str], str], places: Gazetteer, chinese: bool
) -> Iterator[list[Cell]]:
    for document in documents:
        state = MatchState(document["state"])
        about = document["fact"].get("about", {})
        holder = document.get("assigned_to")
        yield [
            document["id"],
            STATES_ZH[state] if chinese else state.value,
            about.get("title", ""),
            about.get("occupationName", ""),
            _place(places, document.get("township")),
            document["score"],
            _moment(document.get("proposed_at")),
            _moment(document.get("act_by")),
            name(holder) if holder else "",
            _moment(document.get("first_contact_at")),
            _moment(document.get("accepted_at")),
        ]


def _place(places: Gazetteer, key: str | None) -> str:
    return places[key].name if key is not None and key in places else key or ""


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
