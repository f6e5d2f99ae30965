"""Places per opening and shares per worker, on real servers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.envelope import decode
from roost.events.match import ActionKind, Actor, DeclineReason, MatchAction, Proposals
from roost.events.opening import OpeningStatus
from roost.kafka.incoming import Incoming, decode_fact
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import SEARCHABLE
from roost.views.elastic import Elastic
from streams.match.announcing import announce_vacant
from streams.match.match_stage import MatchStage
from streams.views.remembered_entities import remembered_openings
from tests.stack.kept import LIMITS, Kept
from tests.stack.test_pipeline import become, opening, profile
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
PLACES = LIMITS.capacity.places(1, 0)
SHARE = LIMITS.capacity.worker_day


async def found(elastic: Elastic, field: str, id: str) -> dict[str, dict[str, Any]]:
    """Return the matches of an opening or a worker by the id of the other side."""
    await elastic.refresh("matches")
    page = await elastic.search("matches", {"size": 500, "query": {"term": {field: id}}})
    other = "worker_id" if field == "opening_id" else "opening_id"
    return {hit.source[other]: hit.source for hit in page.hits}


def active(matches: dict[str, dict[str, Any]]) -> set[str]:
    return {id for id, match in matches.items() if match["active"]}


def take(publisher: Publisher, match: str, *kinds: ActionKind) -> None:
    for kind in kinds:
        action = MatchAction(
            id=ids.derive("a", match, kind),
            match_id=match,
            kind=kind,
            actor=Actor(id="li"),
            at=datetime.now(UTC),
            reason=DeclineReason.WAGE if kind is ActionKind.DECLINE else None,
        )
        publisher.publish([facts.match_action_taken(action)])


async def test_an_opening_for_one_goes_to_a_few_a_decline_to_the_next_best_a_placement_ends_it(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    people = [profile(f"few-{number}", experienceYears=9 - number) for number in range(8)]
    # Experience decides: the worker with more of the required ten years ranks first.
    posted, record = opening("few-1", totalJobOpenings=1, experienceRequirements=10)
    publisher.publish([put for _, put in people])
    await all_processed(settings)
    publisher.publish([record])
    await all_processed(settings)
    best = [worker.id for worker, _ in people]
    matches = await found(elastic, "opening_id", posted.id)
    assert set(matches) == set(best[:PLACES]), "the best few, and nobody else"

    take(publisher, ids.match_id(posted.id, best[1]), ActionKind.DECLINE)
    await become(elastic, ids.match_id(posted.id, best[PLACES]), "proposed")
    await all_processed(settings)
    matches = await found(elastic, "opening_id", posted.id)
    assert active(matches) == {best[0], *best[2 : PLACES + 1]}
    publisher.publish([record])  # matching again does not bring the declined pair back
    await all_processed(settings)
    assert active(await found(elastic, "opening_id", posted.id)) == active(matches)

    worked_on, placed = ids.match_id(posted.id, best[2]), ids.match_id(posted.id, best[0])
    take(publisher, worked_on, ActionKind.CLAIM)
    take(publisher, placed, ActionKind.CONTACT, ActionKind.PLACE)
    await become(elastic, ids.match_id(posted.id, best[PLACES]), "expired")
    await all_processed(settings)
    matches = await found(elastic, "opening_id", posted.id)
    assert matches[best[PLACES]]["fact"]["cause"] == "headcount"
    assert active(matches) == {best[2]}, "what a clerk works on is left to the clerk"
    assert set(matches) == set(best[: PLACES + 1]), "and nobody new was told"


async def test_a_better_late_arrival_waits_for_a_free_place_and_takes_it(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    early = [profile(f"late-{number}", experienceYears=1) for number in range(PLACES)]
    posted, record = opening("late-1", totalJobOpenings=1, experienceRequirements=10)
    publisher.publish([record, *(put for _, put in early)])
    await all_processed(settings)
    there = {worker.id for worker, _ in early}
    late, put = profile("late-99", experienceYears=10)
    publisher.publish([put])
    await all_processed(settings)
    assert active(await found(elastic, "opening_id", posted.id)) == there, "nobody is replaced"
    publisher.publish([facts.profile_erased(early[0][0].id, at=datetime.now(UTC))])
    await become(elastic, ids.match_id(posted.id, late.id), "proposed")
    await all_processed(settings)
    assert active(await found(elastic, "opening_id", posted.id)) == (
        there - {early[0][0].id} | {late.id}
    )


async def test_who_is_erased_leaves_no_match_in_any_state_and_the_place_stays_taken(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    worker, put = profile("leave-1")
    posted = [opening(f"leave-{number}", totalJobOpenings=1) for number in range(4)]
    publisher.publish([put, *(record for _, record in posted)])
    placed, declined, expired, standing = (ids.match_id(one.id, worker.id) for one, _ in posted)
    for match in (placed, declined, expired, standing):
        await become(elastic, match, "proposed")
    take(publisher, placed, ActionKind.CONTACT, ActionKind.PLACE)
    take(publisher, declined, ActionKind.DECLINE)
    closed = facts.opening_status_set(posted[2][0], OpeningStatus.CLOSED, at=datetime.now(UTC))
    publisher.publish([closed[1]])
    await become(elastic, placed, "placed")
    await become(elastic, declined, "declined")
    await become(elastic, expired, "expired")

    publisher.publish([facts.profile_erased(worker.id, at=datetime.now(UTC))])
    for match in (placed, declined, expired, standing):
        await become(elastic, match, "erased")
    late, put_late = profile("leave-2")
    publisher.publish([put_late])
    await become(elastic, ids.match_id(posted[3][0].id, late.id), "proposed")
    await all_processed(settings)
    assert await found(elastic, "worker_id", worker.id) == {}
    left = await found(elastic, "opening_id", posted[0][0].id)
    assert [match["state"] for match in left.values()] == ["placed"], "no place for anybody else"
    (nobody,) = left
    assert nobody not in (worker.id, late.id)
    told = {"size": 1, "query": {"term": {"recipient_id": nobody}}}
    await elastic.refresh("notifications")
    assert (await elastic.search("notifications", told)).hits == ()


async def test_a_worker_is_sent_a_share_a_day_and_the_rest_when_the_next_day_begins(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    worker, put = profile("share")
    posted = [opening(f"share-{number}") for number in range(SHARE + 3)]
    publisher.publish([put])
    await all_processed(settings)
    for _, record in posted:  # singly and together: each in its own partition, in any order
        publisher.publish([record])
    await all_processed(settings)
    sent = await found(elastic, "worker_id", worker.id)
    assert len(sent) == SHARE
    publisher.publish([record for _, record in posted] + [put])
    await all_processed(settings)
    assert (await found(elastic, "worker_id", worker.id)).keys() == sent.keys()

    tomorrow, said, proposed = FixedClock(datetime.now(UTC) + timedelta(days=1)), Kept(), Kept()
    await elastic.refresh("openings")
    known = remembered_openings(elastic)
    await announce_vacant(elastic, said, tomorrow, known, LIMITS.capacity, LIMITS.zone)
    mine = {opened.id for opened, _ in posted}
    announced = [each for each in said.records if each.key in mine]
    assert {each.key for each in announced} == mine, "all of them have places left"
    stage = MatchStage(elastic, proposed, tomorrow, LIMITS)
    await stage.handle(
        [
            decode_fact(
                Incoming(SEARCHABLE, each.partition, 0, each.key.encode(), each.value, each_at)
            )
            for each in announced
            for each_at in (tomorrow.now(),)
        ]
    )
    new = {
        made.opening_id
        for each in proposed.records
        for made in (decode(Proposals, each.value or b""),)
        if worker.id in made.worker_ids
    }
    assert new == mine, "the standing ones are judged again, the others are new"


async def test_vacancies_are_announced_once_a_day_and_not_at_once_after_a_start(
    elastic: Elastic, publisher: Publisher, settings: Settings
) -> None:
    posted, record = opening("vacant-1")
    publisher.publish([record])
    await all_processed(settings)
    await elastic.refresh("openings")
    clock, said = FixedClock(datetime.now(UTC)), Kept()
    stage = MatchStage(elastic, said, clock, LIMITS)
    times = []
    for step in (timedelta(0), timedelta(minutes=10), timedelta(minutes=10), timedelta(days=1)):
        clock.moment += step
        await stage.housekeeping()
        times.append([each.key for each in said.records].count(posted.id))
    assert times in ([0, 1, 1, 2], [0, 1, 2, 3]), "the latter when midnight fell in between"


async def test_an_opening_finds_workers_with_room_beyond_those_whose_day_is_full(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    busy = [profile(f"beyond-{number}") for number in range(65)]
    publisher.publish([put for _, put in busy])
    await all_processed(settings)
    earlier = [opening(f"beyond-{number}", totalJobOpenings=7) for number in range(100, 118)]
    publisher.publish([record for _, record in earlier])
    await all_processed(settings)
    free = [profile(f"beyond-{number}", willing={"radiusKm": 6}) for number in range(200, 210)]
    posted, record = opening("beyond-1", totalJobOpenings=7)
    publisher.publish([record, *(put for _, put in free)])
    await all_processed(settings)
    publisher.publish([record])
    await all_processed(settings)
    sent: Counter[str] = Counter()
    for one, _ in [*earlier, (posted, record)]:
        sent.update((await found(elastic, "opening_id", one.id)).keys())
    with_room = {worker.id for worker, _ in [*busy, *free] if sent[worker.id] < SHARE}
    matched = set(await found(elastic, "opening_id", posted.id))
    full = len(matched) == LIMITS.capacity.places(7, 0)
    assert full or with_room <= matched, "a worker with room was not recalled"
