"""A station's queue on real servers: holders, undo, ten thousand matches."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import httpx
import pytest

from producers import facts
from producers import identity_facts as people
from producers.publisher import Publisher
from roost import ids
from roost.events.account import Account, AccountRole, Holder
from roost.events.match import About, Match, MatchState
from roost.events.station import StationContent
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.queue.deadlines import with_deadlines
from streams.queue.match_projection import match_write
from streams.stages import action_targets
from streams.views.model_files import installed_model
from tests.made import a_match
from tests.stack.serving import Serving, headers_for, served, wait_known
from tests.stack.test_api import opening, worker
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WAIT = {"Prefer": "wait=20"}
STATION, FULL = ids.station_id("queue-station"), ids.station_id("full-station")
TEN_THOUSAND = 10_000
RUN = secrets.token_hex(3)
PLACE = "晋城市"
"""Served by this module's station alone, so that the order of test modules does not matter."""


@pytest.fixture(scope="module", autouse=True)
async def views_as_the_topics(settings: Settings) -> AsyncIterator[None]:
    """Rebuild the matches afterwards: ten thousand of them are written to the view alone."""
    yield
    views = Elastic(settings.elasticsearch_url)
    project = EntityProjection(installed_model(settings), gazetteer())
    await rebuild(views, settings.bootstrap_servers, project, views=("matches",))
    await views.close()


@pytest.fixture(scope="module")
def api_at(settings: Settings, publisher: Publisher) -> Iterator[Serving]:
    at = datetime.now(UTC)
    records = [
        facts.station_put(
            StationContent(
                identifier=name,
                name=name,
                place={"name": PLACE},  # type: ignore[arg-type]
                serves=(PLACE,) if id == STATION else (),
            ),
            at=at,
            id=id,
        )[1]
        for id, name in ((STATION, "queue-station"), (FULL, "full-station"))
    ]
    publisher.publish(records)
    with served(settings) as serving:
        yield serving


@pytest.fixture(scope="module")
def colleague(publisher: Publisher) -> Account:
    """王芳, a clerk of the station."""
    holder = Holder(role=AccountRole.CLERK, station_ids=(STATION,))
    account, record = people.account_made(
        holder, "wangfang", "王芳", None, at=datetime.now(UTC), must_change=False
    )
    publisher.publish([record])
    return account


@pytest.fixture
async def clerk(settings: Settings, api_at: Serving) -> AsyncIterator[httpx.AsyncClient]:
    async with client(settings, api_at, AccountRole.CLERK) as made:
        yield made


@pytest.fixture
async def chief(settings: Settings, api_at: Serving) -> AsyncIterator[httpx.AsyncClient]:
    async with client(settings, api_at, AccountRole.CHIEF) as made:
        yield made


def client(settings: Settings, at: Serving, role: AccountRole) -> httpx.AsyncClient:
    headers = headers_for(settings, role, station_ids=(STATION, FULL))
    wait_known(at.url, headers)
    return httpx.AsyncClient(base_url=at.url, timeout=30, headers=headers)


async def a_match_of_the_station(at: Serving, name: str) -> str:
    """Create a pair that the stages propose at the station; return its path.

    The spot is unique per run, so that no other pair's places and shares interfere.
    """
    name = f"{name}-{RUN}"
    far = crc32(name.encode())
    spot = {"name": PLACE, "latitude": -far % 70, "longitude": far // 70 % 170}
    title = f"琴师 {name}"
    person = worker(name, occupationsWanted=[title], location=spot, willing={"radiusKm": 5})
    post = opening(name, title=title, jobLocation=spot)
    async with httpx.AsyncClient(base_url=at.url, timeout=30, headers=at.headers) as admin:
        made = await admin.post("/v1/profiles", json=person, headers=WAIT)
        assert made.status_code == 201, made.text
        posted = await admin.post("/v1/openings", json=post, headers=WAIT)
        assert posted.status_code == 201, posted.text
        id = ids.match_id(posted.json()["id"], made.json()["id"])

        async def there() -> bool:
            return (await admin.get(f"/v1/matches/{id}")).status_code == 200

        await until("proposed", there)
    return f"/v1/matches/{id}"


async def test_a_match_is_passed_on_called_about_and_an_action_taken_back(
    api_at: Serving, clerk: httpx.AsyncClient, chief: httpx.AsyncClient, colleague: Account
) -> None:
    where = await a_match_of_the_station(api_at, "queue-1")
    claimed = (await clerk.post(f"{where}/claim", headers=WAIT)).json()
    assert claimed["about"]["title"]
    assert claimed["urgency"] == "later"
    assert claimed["names"][claimed["assignedTo"]] == "test clerk"

    undone = (await clerk.post(f"{where}/undo", headers=WAIT)).json()
    assert (undone["state"], undone.get("assignedTo")) == ("proposed", None)
    await clerk.post(f"{where}/claim", headers=WAIT)
    taken = await chief.post(f"{where}/contact", json={"contact": "reached"}, headers=WAIT)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/match-held")

    given = await chief.post(f"{where}/assign", json={"assignee": colleague.id}, headers=WAIT)
    assert given.status_code == 200, given.text
    assert given.json()["names"][colleague.id] == "王芳"
    late = await clerk.post(f"{where}/contact", json={"contact": "busy"}, headers=WAIT)
    assert (late.status_code, "王芳" in late.json()["detail"]) == (409, True)
    nobody = await chief.post(f"{where}/assign", json={"assignee": "u-" + "z" * 26}, headers=WAIT)
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "assignee")

    mine = {"assigned_to": colleague.id}

    async def listed() -> list[str]:
        found = (await clerk.get(f"/v1/stations/{STATION}/queue", params=mine)).json()
        return [each["id"] for each in found["items"]]

    assert await until("listed", listed) == [where.rsplit("/", 1)[1]]
    counted = (await clerk.get(f"/v1/stations/{STATION}/queue/counts")).json()
    assert {"key": colleague.id, "name": "王芳", "count": 1} in counted["people"]
    colleagues = (await clerk.get(f"/v1/stations/{STATION}/colleagues")).json()["items"]
    assert colleagues == [{"id": colleague.id, "name": "王芳", "role": "clerk"}]


async def test_what_was_waited_for_is_in_every_list_at_once(
    api_at: Serving, clerk: httpx.AsyncClient
) -> None:
    where = await a_match_of_the_station(api_at, "queue-listed")
    opening_id, _ = ids.split_match_id(where.rsplit("/", 1)[1])

    async def listed() -> list[str]:
        found = (await clerk.get(f"/v1/openings/{opening_id}/matches")).json()
        return [each["state"] for each in found["items"]]

    await until("listed", listed)
    for verb, expected in [("claim", "claimed"), ("undo", "proposed")] * 3:
        await clerk.post(f"{where}/{verb}", headers=WAIT)
        assert await listed() == [expected]


async def test_two_who_claim_at_once_one_has_it_and_the_other_learns_who(
    api_at: Serving, clerk: httpx.AsyncClient, chief: httpx.AsyncClient
) -> None:
    where = await a_match_of_the_station(api_at, "queue-2")
    answers = await asyncio.gather(
        *(each.post(f"{where}/claim", headers=WAIT) for each in (clerk, chief))
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    (won,), (lost,) = (
        [each.json() for each in answers if each.status_code == code] for code in (200, 409)
    )
    assert lost["type"] == "/problems/match-held"
    assert won["names"][won["assignedTo"]] in lost["detail"]


async def test_what_a_colleague_does_is_told_live(
    api_at: Serving, clerk: httpx.AsyncClient
) -> None:
    where = await a_match_of_the_station(api_at, "queue-3")
    id = where.rsplit("/", 1)[1]
    seen: dict[int, float] = {}
    revision = (await clerk.get(where)).json()["revision"]
    took: list[float] = []
    arrived = asyncio.Event()

    async def watch(ready: asyncio.Event) -> None:
        async with clerk.stream("GET", f"/v1/stations/{STATION}/events") as stream:
            async for line in stream.aiter_lines():
                if line == "event: ready":
                    ready.set()
                elif line.startswith("data: {"):
                    told = json.loads(line.removeprefix("data: "))
                    if told["id"] == id:
                        seen[told["revision"]] = time.perf_counter()
                        arrived.set()

    ready = asyncio.Event()
    watching = asyncio.create_task(watch(ready))
    await asyncio.wait_for(ready.wait(), 30)
    try:
        for number in range(1, 41):
            before = time.perf_counter()
            body = {"contact": "no_answer"}
            key = {"Idempotency-Key": f"live-{number}"}
            answer = await clerk.post(f"{where}/contact", json=body, headers=key)
            assert answer.status_code == 202, answer.text
            async with asyncio.timeout(30):
                while revision + number not in seen:
                    arrived.clear()
                    await arrived.wait()
            took.append((seen[revision + number] - before) * 1_000)
    finally:
        watching.cancel()
    took.sort()
    print(
        f"\nfrom POST to the live event, {len(took)} actions: p50 {statistics.median(took):.0f} ms,"
        f" p99 {took[int(0.99 * len(took))]:.0f} ms"
    )


def many(settings: Settings) -> list[Match]:
    """Matches of a large station, of the last days, in all states."""
    chance, now = random.Random(7), datetime.now(UTC)
    hours = settings.read_county_hours()
    made = []
    for number in range(TEN_THOUSAND):
        at = now - timedelta(minutes=chance.randrange(10_000))
        state = chance.choice([*MatchState, MatchState.PROPOSED, MatchState.PROPOSED])
        match = a_match(
            ids.opening_id("many", str(number % 500)),
            ids.worker_id("many", str(number)),
            at,
            station_id=FULL,
            state=state,
            placed_at=at if state is MatchState.PLACED else None,
            about=About(
                title="焊工",
                occupation=f"zh:6-{number % 40}",
                occupation_name=f"职业{number % 40}",
                employer_id="e",
                lives_at=(f"cn:1402{number % 10:02d}", "cn:1402", "cn:14", "cn"),
                priority=number % 9 == 0,
            ),
        )
        made.append(with_deadlines(None, match, action_targets(settings), hours, None))
    return made


async def test_a_queue_of_ten_thousand_answers_at_once_and_shows_every_match_once(
    settings: Settings, elastic: Elastic, clerk: httpx.AsyncClient
) -> None:
    matches = many(settings)
    writes = [match_write(each, each.to_json(), each.revision) for each in matches]
    assert await elastic.write(writes, refresh=True) == []
    where = f"/v1/stations/{FULL}/queue"
    took: dict[str, list[float]] = {}

    async def timed(what: str, params: dict[str, Any]) -> dict[str, Any]:
        path = f"{where}/counts" if what == "counts" else where
        before = time.perf_counter()
        answer = await clerk.get(path, params=params)
        took.setdefault(what, []).append((time.perf_counter() - before) * 1_000)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    for _ in range(10):
        await timed("first page", {"limit": 50})
        filters = {"township": "cn:140203", "priority": "true", "urgency": "overdue"}
        await timed("filtered", {"limit": 50, **filters})
        counts = await timed("counts", {})
    active = [each for each in matches if each.state.active]
    assert counts["total"] == len(active)
    assert len(counts["townships"]) == 10
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        asked = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = await timed("page by cursor", asked)
        seen += page["items"]
        cursor = page["next"]
    shown = [each["id"] for each in seen]
    in_order = [each.id for each in sorted(active, key=_urgency)]
    assert shown[:200] == in_order[:200], "the first page is in order; after 300, ids follow"
    assert shown[200:] == sorted(in_order[200:])
    for what, each in took.items():
        print(f"\n{what} of a queue of {TEN_THOUSAND:,}: p50 {statistics.median(each):.0f} ms,"
              f" slowest {max(each):.0f} ms", end="")  # fmt: skip


def _urgency(match: Match) -> tuple[datetime, float, str]:
    assert match.act_by is not None
    hour = match.act_by.replace(minute=0, second=0, microsecond=0)
    shown = int(match.proposed_at.timestamp() * 1_000)
    return hour, -shown, match.id


async def test_the_overview_counts_what_the_queue_holds_and_comes_as_a_table(
    settings: Settings, elastic: Elastic, clerk: httpx.AsyncClient
) -> None:
    matches = many(settings)
    writes = [match_write(each, each.to_json(), each.revision + 1) for each in matches]
    assert await elastic.write(writes, refresh=True) == []
    period = {"stations": FULL, "from": str(min(each.proposed_at for each in matches).date())}
    took = []
    for _ in range(5):
        before = time.perf_counter()
        answer = await clerk.get("/v1/overview", params=period)
        took.append((time.perf_counter() - before) * 1_000)
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    in_state = Counter(each.state for each in matches)
    assert seen["total"]["proposed"] == sum(row["proposed"] for row in seen["rows"])
    assert seen["total"]["placed"] == in_state[MatchState.PLACED]
    assert seen["now"]["waiting"] == in_state[MatchState.PROPOSED]
    assert seen["exposure"]["most"] == 1
    station = await clerk.get("/v1/overview", params=period | {"by": "station"})
    (row,) = station.json()["rows"]
    assert (row["stationName"], row["placed"]) == ("full-station", in_state[MatchState.PLACED])
    assert row["waiting"] == seen["rows"][-1]["waiting"] == seen["total"]["waiting"]
    print(f"\noverview of {TEN_THOUSAND:,} matches: p50 {statistics.median(took):.0f} ms", end="")
    await _tables(clerk, period)


async def _tables(clerk: httpx.AsyncClient, period: dict[str, str]) -> None:
    made = await clerk.get("/v1/overview/export", params=period | {"format": "csv"})
    lines = made.content.decode("utf-8-sig").splitlines()
    assert len(lines) >= 7, "a row a day"
    book = await clerk.get("/v1/overview/export", params=period)
    assert book.content.startswith(b"PK")
    where = f"/v1/stations/{FULL}/queue/export"
    queue = await clerk.get(where, params={"format": "csv", "priority": "true"})
    assert queue.status_code == 200, queue.text
    assert len(queue.content.decode("utf-8-sig").splitlines()) > 100
    far = await clerk.get("/v1/overview", params={"stations": ids.station_id("elsewhere")})
    assert far.status_code == 404


async def test_an_employer_sees_beforehand_how_many_an_opening_would_reach(
    settings: Settings, api_at: Serving
) -> None:
    headers = headers_for(settings, AccountRole.EMPLOYER, employer_id="api-test")
    wait_known(api_at.url, headers)
    async with httpx.AsyncClient(base_url=api_at.url, timeout=30, headers=api_at.headers) as admin:
        for number in range(6):
            made = await admin.post("/v1/profiles", json=worker(f"reach-{number}"), headers=WAIT)
            assert made.status_code == 201, made.text
    async with httpx.AsyncClient(base_url=api_at.url, timeout=30, headers=headers) as employer:
        generous = await employer.post("/v1/openings/reach", json=opening("reach"))
        asking = opening("reach", licencesRequired=["潜水员证"])
        strict = await employer.post("/v1/openings/reach", json=asking)
    assert generous.status_code == 200, generous.text
    assert generous.json()["reached"] >= 5
    assert strict.json()["reached"] == 0
    first = strict.json()["excluded"][0]
    assert first["constraint"] == "licence"
    assert first["wouldGain"] >= 5
