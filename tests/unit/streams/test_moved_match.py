"""A match that moves to another station names the one that it has left."""

from __future__ import annotations

from producers import facts
from roost import ids
from roost.events.match import ActionKind, Match, Proposals
from roost.events.station import Station, StationContent
from roost.rules.capacity import Capacity
from roost.views.remembered import Versioned
from streams.queue.batch import Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, NOW, OPENING, TODAY, action, opening, worker

RULES = QueueRules(35.0, Capacity(per_place=2, least=1, most=3, worker_day=4))
WORKER = worker(0)
ID = ids.match_id(OPENING, WORKER.id)


def association(code: str) -> Station:
    content = StationContent.model_validate(
        {
            "identifier": code,
            "name": code,
            "kind": "association",
            "place": {"name": "大同市"},
        }
    )
    station, _ = facts.station_put(content, at=NOW, id=ids.station_id(code))
    return station


def batch(match: Match | None, stations: tuple[Station, ...]) -> Batch:
    """Return a batch on one match, at the stations that serve its worker."""
    evidence = Evidence(
        openings={OPENING: Versioned(1, opening(headcount=2))},
        workers={WORKER.id: Versioned(1, WORKER)},
        matches={ID: match},
        counts=MatchCounts({}, {}, {}),
        since=MIDNIGHT,
        stations=stations,
        model="m",
    )
    return Batch(RULES, evidence, NOW, TODAY)


def judged(match: Match | None, *stations: Station) -> Match:
    made = batch(match, stations)
    made.propose(
        Proposals(
            opening_id=OPENING,
            worker_ids=(WORKER.id,),
            subject=WORKER.id,
            posted_at=NOW,
            evaluated_at=NOW,
        )
    )
    found = made.matches[ID]
    assert found is not None
    return found


def test_only_the_change_that_moves_a_match_names_the_station_it_left() -> None:
    first, second = association("a"), association("b")
    proposed = judged(None, first)
    assert (proposed.station_id, proposed.former_station_id) == (first.id, None)
    moved = judged(proposed, second)
    assert (moved.station_id, moved.former_station_id) == (second.id, first.id)
    gone = judged(moved)
    assert (gone.station_id, gone.former_station_id) == (None, second.id)
    changed = batch(moved, (second,))
    changed.act(action(moved, ActionKind.CLAIM))
    claimed = changed.matches[ID]
    assert claimed is not None
    assert (claimed.station_id, claimed.former_station_id) == (second.id, None)
