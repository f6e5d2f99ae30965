"""Changes of a queue that are sent as one event: the last of each match, and what has gone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from api.console.queue.live_rows import lot_of, no_rows
from api.ports.live_messages import LiveChange, LiveKind
from roost import ids
from roost.events.match import Match
from roost.kafka.ports import Partition
from tests.made import a_match
from tests.unit.api.builders import NOW

OPENING, WORKER = ids.opening_id("o", "1"), ids.worker_id("w", "1")
MATCH = a_match(OPENING, WORKER, NOW)
OTHER = a_match(OPENING, ids.worker_id("w", "2"), NOW)


def change(kind: LiveKind, data: Any) -> LiveChange:
    text = data.to_json().decode() if isinstance(data, Match) else json.dumps(data)
    return LiveChange("id", kind, text, "k", Partition("matches", 0), 0, NOW)


def put(match: Match) -> LiveChange:
    return change(LiveKind.MATCH, match)


def dom(match: Match) -> str:
    return match.id.replace(".", "_")


async def test_a_tab_whose_station_is_out_of_reach_is_asked_to_reload_and_ends_no_other() -> None:
    events = no_rows()
    first = await anext(events)
    assert (first.event, json.loads(str(first.data))) == ("reload", {"missed": True})
    following = asyncio.ensure_future(anext(events))
    done, _ = await asyncio.wait([following], timeout=0.05)
    assert not done
    following.cancel()


def test_of_each_match_the_last_version_is_shown() -> None:
    later = MATCH.model_copy(update={"revision": 2})
    lot = lot_of([put(MATCH), put(OTHER), put(later)])
    assert list(lot.matches.values()) == [OTHER, later]
    assert lot.gone == []


def test_a_match_that_leaves_is_named_and_not_shown() -> None:
    lot = lot_of([put(MATCH), change(LiveKind.LEFT, {"id": MATCH.id, "revision": 2})])
    assert lot.matches == {}
    assert lot.gone == [{"row": dom(MATCH), "revision": 2}]


def test_a_match_that_leaves_and_comes_back_is_shown() -> None:
    back = MATCH.model_copy(update={"revision": 3})
    lot = lot_of([change(LiveKind.LEFT, {"id": MATCH.id, "revision": 2}), put(back)])
    assert lot.matches == {MATCH.id: back}
    assert lot.gone == [], "on a page of both stations the row stays"


def test_an_erased_match_and_every_match_of_an_erased_worker_are_not_shown() -> None:
    erased = change(LiveKind.ERASED, {"matchId": OTHER.id})
    lot = lot_of([put(MATCH), put(OTHER), erased])
    assert list(lot.matches) == [MATCH.id]
    assert lot.gone == [{"row": dom(OTHER), "revision": None}]
    lot = lot_of([put(MATCH), put(OTHER), change(LiveKind.ERASED, {"workerId": WORKER})])
    assert list(lot.matches) == [OTHER.id]
    assert lot.gone == [{"worker": WORKER}]


def test_an_unreadable_match_is_left_out_and_too_much_missed_asks_for_a_reload() -> None:
    assert lot_of([change(LiveKind.MATCH, {"id": 1})]).matches == {}
    assert lot_of([change(LiveKind.RELOAD, {}), put(MATCH)]).reload
