"""The main job on real Kafka and Elasticsearch: facts become matches, matches notifications."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from kafka import KafkaProducer

from producers import facts, simulator
from producers.publisher import Publisher
from roost import ids
from roost.errors import TooLarge
from roost.events.envelope import Record
from roost.events.match import ActionKind, Actor, Match, MatchAction
from roost.events.opening import Opening, OpeningStatus
from roost.events.profile import Profile, ProfileContent
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic
from roost.views.mappings import VIEWS
from streams.index.entity_projection import EntityProjection
from streams.maintenance.dead_letters import find_dead_letters
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.made import POISON
from tests.stack.waiting import all_processed, undisturbed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]

TITLES = ("砌筑工", "电焊工", "缝纫工", "厨师")


def now() -> datetime:
    return datetime.now(UTC)


def spot(reference: str) -> dict[str, Any]:
    """Return a place used by one test alone ("thrice" of "thrice-3")."""
    far = crc32(reference.split("-")[0].encode())
    return {"name": "岭泉镇", "latitude": -far % 70, "longitude": far // 70 % 170}


def licence(reference: str) -> str:
    """Return a licence that workers of the same test alone hold.

    Other modules register workers who would go anywhere: without it they would take the places of
    this test's openings, depending on the order of modules.
    """
    return f"{reference.split('-')[0]}操作证"


def opening(reference: str, title: str = "砌筑工", **changes: Any) -> tuple[Opening, Record]:
    content = next(simulator.openings(1)).model_validate(
        {
            "identifier": reference,
            "hiringOrganization": {"id": "test", "name": "测试单位"},
            "title": title,
            "jobLocation": spot(reference),
            "licencesRequired": [licence(reference)],
        }
        | changes
    )
    return facts.opening_posted(content, at=now(), today=now().date(), source="test")


def profile(reference: str, title: str = "砌筑工", **changes: Any) -> tuple[Profile, Record]:
    content = ProfileContent.model_validate(
        {
            "identifier": reference,
            "name": "测试人员",
            "occupationsWanted": [title],
            "home": {"name": "sample:lanling"},
            "location": spot(reference),
            "licences": [licence(reference)],
            "willing": {"radiusKm": 5},
            "channels": [{"kind": "inbox"}, {"kind": "sms", "address": "+8613800000000"}],
        }
        | changes
    )
    return facts.profile_put(content, at=now(), source="test")


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


async def state_of(elastic: Elastic, match: str) -> str | None:
    document = await elastic.get("matches", match)
    return document.get("state", "erased") if document else None


async def become(elastic: Elastic, match: str, state: str) -> None:
    async def there() -> bool:
        return await state_of(elastic, match) == state

    await until(f"match {state}", there)


async def test_an_opening_and_a_worker_who_fit_become_a_match_and_are_told(
    publisher: Publisher, elastic: Elastic, outbox: Path, settings: Settings
) -> None:
    worker, worker_record = profile("told")
    posted, opening_record = opening("told")
    publisher.publish([worker_record, opening_record])
    match = ids.match_id(posted.id, worker.id)
    await become(elastic, match, "proposed")
    document = (await elastic.get("matches", match) or {})["fact"]
    assert sum(reason["points"] for reason in document["reasons"]) == pytest.approx(
        document["score"], abs=0.051
    )
    assert all(reason["en"] and reason["zh"] for reason in document["reasons"])
    await all_processed(settings)
    told = [json.loads(line) for line in lines_of(outbox)]
    mine = [line["id"] for line in told if line["to"] == worker.id]
    assert mine
    assert len(set(mine)) == len(mine), "every message once"


async def test_no_pair_is_missed_when_both_arrive_at_the_same_moment(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    pairs: list[tuple[Opening, Profile]] = []
    for turn in range(40):
        title = TITLES[turn % 4]
        # Each pair has its own place, so that no other worker takes the opening's places.
        posted, first = opening(f"race{turn}-", title)
        worker, second = profile(f"race{turn}-", title)
        publisher.publish([first, second] if turn % 2 else [second, first])
        pairs.append((posted, worker))
    await all_processed(settings)
    keys = [("matches", ids.match_id(posted.id, worker.id)) for posted, worker in pairs]
    found = await elastic.mget(keys, ("state",))
    assert [key for key in keys if key not in found] == []


async def test_an_edit_a_close_and_a_reopening_are_followed(
    publisher: Publisher, elastic: Elastic
) -> None:
    worker, worker_record = profile("follow", wageWanted={"minValue": 6000})
    posted, opening_record = opening("follow", baseSalary={"maxValue": 8000})
    publisher.publish([worker_record, opening_record])
    match = ids.match_id(posted.id, worker.id)
    await become(elastic, match, "proposed")
    publisher.publish([opening("follow", baseSalary={"maxValue": 5000})[1]])
    await become(elastic, match, "expired")
    publisher.publish([opening_record])
    await become(elastic, match, "proposed")
    closed = facts.opening_status_set(posted, OpeningStatus.CLOSED, at=now())[1]
    publisher.publish([closed])
    await become(elastic, match, "expired")


async def test_a_pause_keeps_a_match_in_progress_and_its_end_continues_it(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    worker, worker_record = profile("rests")
    posted, opening_record = opening("rests")
    publisher.publish([worker_record, opening_record])
    match = ids.match_id(posted.id, worker.id)
    await become(elastic, match, "proposed")
    taken = MatchAction(
        id=ids.derive("a", match, "claim"),
        match_id=match,
        kind=ActionKind.CLAIM,
        actor=Actor(id="li"),
        at=now(),
    )
    publisher.publish([facts.match_action_taken(taken)])
    await become(elastic, match, "claimed")
    late, late_record = profile("rests-late")
    found = []
    for status in (OpeningStatus.PAUSED, OpeningStatus.OPEN, OpeningStatus.CLOSED):
        publisher.publish([facts.opening_status_set(posted, status, at=now())[1]])
        await all_processed(settings)
        found.append(Match.from_stored((await elastic.get("matches", match) or {})["fact"]))
        if status is OpeningStatus.PAUSED:
            publisher.publish([late_record])
            await all_processed(settings)
            unmatched = await elastic.get("matches", ids.match_id(posted.id, late.id))
    paused, resumed, closed = found
    assert (paused.state, paused.assigned_to, paused.paused) == ("claimed", "li", True)
    assert unmatched is None, "nothing new is proposed during a pause"
    assert (resumed.state, resumed.assigned_to, resumed.paused) == ("claimed", "li", False)
    assert (closed.state, closed.round) == ("expired", 1)
    assert [each.kind for each in closed.changes] == ["proposed", "paused", "resumed", "expired"]
    assert await elastic.get("matches", ids.match_id(posted.id, late.id)), "it is proposed later"
    await elastic.refresh("notifications")
    mine = {"bool": {"filter": [{"term": {"match_id": match}}]}}
    page = await elastic.search("notifications", {"size": 50, "query": mine})
    sent = [hit.source["kind"] for hit in page.hits]
    news = ("opening_paused", "opening_resumed", "opening_closed")
    told = {kind: sent.count(kind) for kind in news}
    assert all(told.values()), told


async def test_an_erased_worker_leaves_no_match_and_no_words(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    worker, worker_record = profile("erased", name="将被删除的人")
    posted, opening_record = opening("erased")
    publisher.publish([worker_record, opening_record])
    match = ids.match_id(posted.id, worker.id)
    await become(elastic, match, "proposed")
    publisher.publish([facts.profile_erased(worker.id, at=now())])
    await become(elastic, match, "erased")
    await all_processed(settings)
    await elastic.refresh("profiles", "matches")  # a search sees a write after a refresh
    for view in ("profiles", "matches"):
        async for id, _, document in elastic.scan(view):
            if id in (worker.id, match):
                assert set(document) == {"id", "version", "erased"}
    # A late event from before the erasure does not resurrect the person.
    erased = await elastic.get("profiles", worker.id)
    assert erased is not None
    assert erased["erased"]


async def test_what_a_clerk_does_moves_the_match_and_the_second_clerk_is_refused(
    publisher: Publisher, elastic: Elastic
) -> None:
    worker, worker_record = profile("clerk")
    posted, opening_record = opening("clerk")
    publisher.publish([worker_record, opening_record])
    match = ids.match_id(posted.id, worker.id)
    await become(elastic, match, "proposed")
    for number, clerk in enumerate(("li", "wang")):
        taken = MatchAction(
            id=ids.derive("a", match, str(number)),
            match_id=match,
            kind=ActionKind.CLAIM,
            actor=Actor(id=clerk),
            at=now(),
        )
        publisher.publish([facts.match_action_taken(taken)])

    async def both_judged() -> list[dict[str, Any]] | None:
        document = await elastic.get("matches", match) or {}
        fact = document["fact"]
        judged = [*fact.get("history", []), *fact.get("refusals", [])]
        return judged if len(judged) == 2 else None

    judged = await until("both actions judged", both_judged)
    assert [entry["outcome"] for entry in judged] == ["accepted", "refused"]
    assert judged[1]["why"] == "held"
    assert judged[1]["holder"] == "li"


async def test_poison_ends_in_dead_letters_and_its_neighbours_pass(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    before = {each.id for each in await find_dead_letters(settings.bootstrap_servers)}
    raw = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    neighbours = []
    for number, poison in enumerate(POISON):
        worker, good = profile(f"neighbour-{number}")
        raw.send("profiles", key=b"poison", value=poison, partition=good.partition).get(10)
        publisher.publish([good])
        neighbours.append(("profiles", worker.id))
    raw.close()
    await all_processed(settings)
    assert set(await elastic.mget(neighbours, ("version",))) == set(neighbours)
    parked = [
        each
        for each in await find_dead_letters(settings.bootstrap_servers)
        if each.id not in before
    ]
    assert len(parked) == len(POISON)
    assert {each.stage for each in parked} == {"index"}


def test_an_oversized_event_is_refused_and_the_next_one_passes(publisher: Publisher) -> None:
    _, record = profile("large")
    with pytest.raises(TooLarge):
        publisher.publish([Record(PROFILES, record.key, b"x" * 2_000_000, record.headers)])
    assert publisher.publish([record])[0].offset >= 0


async def test_everything_three_times_shows_nothing_new(
    publisher: Publisher, elastic: Elastic, settings: Settings, outbox: Path
) -> None:
    people = [profile(f"thrice-{number}") for number in range(5)]
    posted = [opening(f"thrice-{number}") for number in range(5)]
    records = [record for _, record in (*people, *posted)]
    # These openings only: the match stage republishes others periodically.
    mine = {"terms": {"opening_id": [each.id for each, _ in posted]}}
    workers = {worker.id for worker, _ in people}

    async def shown() -> tuple[int, int, int]:
        await all_processed(settings)
        await elastic.refresh("matches", "notifications")
        told = [json.loads(line)["to"] for line in lines_of(outbox)]
        counts = [await elastic.count(view, mine) for view in ("matches", "notifications")]
        return counts[0], counts[1], sum(each in workers for each in told)

    publisher.publish(records)
    before = await shown()
    assert all(before)
    for _ in range(3):
        publisher.publish(records)
    assert await shown() == before


Snapshot = dict[str, dict[str, tuple[int, bytes]]]


async def snapshot(elastic: Elastic) -> Snapshot:
    """Return every document of every view, as bytes, with its version."""
    views: Snapshot = {}
    for view in VIEWS:
        await elastic.refresh(view)
        views[view] = {
            id: (version, json.dumps(document, sort_keys=True).encode())
            async for id, version, document in elastic.scan(view)
        }
    return views


def different(before: Snapshot, after: Snapshot) -> list[object]:
    """Return the documents that differ, with both versions."""
    return [
        (view, id, before[view].get(id), after[view].get(id))
        for view in before
        for id in sorted(before[view].keys() | after[view].keys())
        if before[view].get(id) != after[view].get(id)
    ]


async def test_views_rebuilt_after_deletion_are_equal_to_the_byte(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    publisher.publish([profile(f"rebuild-{number}")[1] for number in range(20)])
    publisher.publish([opening(f"rebuild-{number}")[1] for number in range(5)])
    project = EntityProjection(installed_model(settings), gazetteer())

    async def lost_and_rebuilt() -> list[object]:
        before = await snapshot(elastic)
        assert all(before[view] for view in ("profiles", "openings", "matches", "deliveries"))
        for view in VIEWS:
            for index in await elastic.indices(view):
                await elastic.delete_index(index.name)
        await rebuild(elastic, settings.bootstrap_servers, project)
        return different(before, await snapshot(elastic))

    assert await undisturbed(settings, lost_and_rebuilt) == []


async def test_a_rebuild_under_load_loses_nothing(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    project = EntityProjection(installed_model(settings), gazetteer())
    pairs = []

    async def post() -> None:
        for number in range(30):
            worker, first = profile(f"meanwhile-{number}", willing={"places": ["sample:lanling"]})
            posted, second = opening(f"meanwhile-{number}", jobLocation={"name": "岭泉镇"})
            await asyncio.to_thread(publisher.publish, [first, second])
            pairs.append((OPENINGS.name, posted.id))
            pairs.append((PROFILES.name, worker.id))

    await asyncio.gather(post(), rebuild(elastic, settings.bootstrap_servers, project))
    await all_processed(settings)
    assert set(await elastic.mget(pairs, ("version",))) == set(pairs)

    async def rebuilt() -> list[object]:
        before = await snapshot(elastic)
        await rebuild(elastic, settings.bootstrap_servers, project)
        return different(before, await snapshot(elastic))

    assert await undisturbed(settings, rebuilt) == []
