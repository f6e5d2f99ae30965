"""Audit entries of a request, and the moment at which its answer may leave."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from api.console.shell.form_answers import redirect_refused
from api.guards import auditing_elastic
from api.guards.audit_middleware import AuditMiddleware, entries_of, new_id
from api.guards.audit_trail import BufferedAuditTrail
from api.guards.auditing_elastic import AuditingElastic, collect_workers, workers_in
from api.writes.ending import EndsProgress
from roost import ids
from roost.errors import TooLarge, Transient
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry
from roost.events.envelope import Record
from roost.topics import AUDIT

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORKER = ids.worker_id("t", "1")
OPENING = ids.opening_id("t", "1")


class Topic:
    """Topic of a broker that can refuse records."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False
        self.batches = 0
        self.partitions: list[set[int]] = []
        """Of each batch."""

    def publish(self, records: Sequence[Record]) -> None:
        if self.away:
            raise Transient("Kafka is away.")
        self.batches += 1
        self.partitions.append({each.partition for each in records})
        self.records += records

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(each.value or b"") for each in self.records]


def entry(**changes: Any) -> AuditEntry:
    return AuditEntry.model_validate(
        {"id": new_id(), "request_id": "1", "method": "GET", "route": "/x", "status": 200}
        | {"at": NOW}
        | changes
    )


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
async def trail(topic: Topic) -> AsyncIterator[BufferedAuditTrail]:
    made = BufferedAuditTrail(topic.publish, most=5)
    made.start()
    yield made
    await made.close()


@pytest.fixture
async def api(topic: Topic, trail: BufferedAuditTrail) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.services = SimpleNamespace(trail=trail)
    app.add_middleware(AuditMiddleware)

    def see(id: str) -> None:
        auditing_elastic.record_workers([id])

    @app.get("/v1/profiles/{id}")
    async def read(id: str, request: Request) -> str:
        see(id)
        return "张三"

    @app.get("/v1/openings/{id}")
    async def nobody(id: str) -> str:
        return "an opening"

    @app.get("/v1/export")
    async def export() -> StreamingResponse:
        async def rows() -> AsyncIterator[str]:
            for number in range(2):
                see(ids.worker_id("t", str(number)))
                yield f"row {number}\n"

        return StreamingResponse(rows())

    @app.post("/v1/openings")
    async def post(response: Response) -> str:
        response.headers["location"] = f"/v1/openings/{OPENING}"
        return "made"

    @app.post("/console/employer/openings/new")
    async def post_by_form() -> RedirectResponse:
        return RedirectResponse(f"/console/employer/openings/{OPENING}?done=posted", 303)

    @app.post("/console/employer/openings/{id}/status/{verb}")
    async def close_by_form(id: str, verb: str, request: Request) -> RedirectResponse:
        request.state.principal = SimpleNamespace(id="u-1", role=AccountRole.CLERK)
        refusal = EndsProgress(3)
        return redirect_refused(request, f"/console/employer/openings/{id}", "ends", refusal)

    @app.post("/v1/search")
    async def search(found: bool) -> str:
        if found:
            see(WORKER)
        return "found"

    @app.post("/v1/away")
    async def away(response: Response) -> str:
        response.status_code = 503
        return "not made"

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://roost") as client:
        yield client


async def test_a_read_of_personal_data_is_written_down_within_a_moment(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    assert (await api.get(f"/v1/profiles/{WORKER}")).status_code == 200
    await trail.close()
    (said,) = topic.said
    assert said["persons"] == [WORKER]
    assert said["route"] == "/v1/profiles/{id}"
    assert said["objects"] == [{"kind": "profiles", "id": WORKER}]
    assert "张三" not in json.dumps(topic.said, ensure_ascii=False)


async def test_a_read_that_shows_nobody_is_not_written_down(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    await api.get(f"/v1/openings/{OPENING}")
    await api.get("/v1/nowhere")
    await trail.close()
    assert topic.said == []


async def test_a_change_is_acknowledged_before_its_answer(
    api: httpx.AsyncClient, topic: Topic
) -> None:
    assert (await api.post("/v1/openings")).status_code == 200
    (said,) = topic.said
    assert said["method"] == "POST"
    assert said["objects"] == [{"kind": "openings", "id": OPENING}]


async def test_an_entity_that_a_page_creates_is_named(api: httpx.AsyncClient, topic: Topic) -> None:
    assert (await api.post("/console/employer/openings/new")).status_code == 303
    (said,) = topic.said
    assert said["objects"] == [{"kind": "openings", "id": OPENING}]


async def test_a_refusal_that_a_page_reports_by_a_redirect_is_one_in_the_trail(
    api: httpx.AsyncClient, topic: Topic
) -> None:
    path = f"/console/employer/openings/{OPENING}/status/close"
    assert (await api.post(path)).status_code == 303
    (said,) = topic.said
    assert said["status"] == 409


async def test_a_post_that_only_reads_is_written_down_as_a_read(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    for found in ("false", "true"):
        assert (await api.post("/v1/search", params={"found": found})).status_code == 200
    await trail.close()
    (said,) = topic.said
    assert said["persons"] == [WORKER]


async def test_what_failed_is_answered_at_once_and_written_down_later(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    topic.away = True
    async with asyncio.timeout(2):
        assert (await api.post("/v1/away")).status_code == 503
        assert (await api.post("/v1/away")).status_code == 503, "also once it is known"
    topic.away = False
    await trail.close()
    assert [said["status"] for said in topic.said] == [503, 503]


async def test_what_failed_does_not_fill_the_memory(topic: Topic) -> None:
    still = BufferedAuditTrail(topic.publish, most=2)
    still.start()
    topic.away = True
    for _ in range(5):
        still.note_failed(entry(method="POST", status=503))
    topic.away = False
    await still.close()
    assert len(topic.said) == 2


async def test_without_kafka_no_personal_data_is_shown(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    topic.away = True
    first = await api.get(f"/v1/profiles/{WORKER}")  # Kafka was not known to be away yet
    assert first.status_code == 200
    await _until(lambda: trail.kafka_away)
    refused = await api.get(f"/v1/profiles/{WORKER}")
    assert refused.status_code == 503
    assert "张三" not in refused.text
    assert (await api.get(f"/v1/openings/{OPENING}")).status_code == 200
    topic.away = False
    await _until(lambda: not trail.kafka_away)
    assert (await api.get(f"/v1/profiles/{WORKER}")).status_code == 200
    await trail.close()
    assert len(topic.said) == 2, "what was seen while Kafka was away is written down later"


async def test_what_a_long_answer_reads_on_the_way_is_written_down_too(
    api: httpx.AsyncClient, topic: Topic, trail: BufferedAuditTrail
) -> None:
    assert (await api.get("/v1/export")).text == "row 0\nrow 1\n"
    await trail.close()
    seen = [person for said in topic.said for person in said["persons"]]
    assert sorted(seen) == sorted(ids.worker_id("t", str(number)) for number in range(2))


async def test_a_full_buffer_makes_reads_wait_and_then_refuses_them(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.guards.audit_trail.ROOM_WITHIN_S", 0.05)
    goes_on = threading.Event()

    def slowly(records: Sequence[Record]) -> None:
        goes_on.wait(10)
        topic.publish(records)

    still = BufferedAuditTrail(slowly, most=2)
    still.start()
    await still.note(entry())
    await still.note(entry())
    with pytest.raises(Transient):
        await still.note(entry())
    monkeypatch.setattr("api.guards.audit_trail.ROOM_WITHIN_S", 10)
    waiting = asyncio.create_task(still.note(entry()))
    goes_on.set()
    await waiting
    await still.close()
    assert len(topic.said) == 3


async def test_an_entry_that_kafka_never_takes_blocks_no_other(topic: Topic) -> None:
    poison = entry(method="POST", route="/poison")

    def publish(records: Sequence[Record]) -> None:
        if any(poison.id.encode() in (each.value or b"") for each in records):
            raise TooLarge("The record exceeds the maximum size.")
        topic.publish(records)

    trail = BufferedAuditTrail(publish)
    trail.start()
    others = [entry(method="POST") for _ in range(3)]
    with structlog.testing.capture_logs() as logged:
        answers = await asyncio.gather(
            *(trail.keep(each) for each in (others[0], poison, *others[1:])), return_exceptions=True
        )
        await trail.keep(entry(method="POST"))
        await trail.close()
    assert [isinstance(each, Transient) for each in answers] == [False, True, False, False]
    assert len(topic.said) == 4
    assert [each["event"] for each in logged].count("audit_entry_dropped") == 1
    assert any(poison.id in str(each.get("entry")) for each in logged)


async def test_after_an_unexpected_fault_the_entries_are_written_without_a_restart(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.guards.audit_trail.RETRY_AFTER_S", 0.01)
    faults = [ValueError("a fault of the client library"), RuntimeError("closed")]

    def publish(records: Sequence[Record]) -> None:
        if faults:
            raise faults.pop()
        topic.publish(records)

    trail = BufferedAuditTrail(publish)
    trail.start()
    await trail.keep(entry(method="POST"))
    await trail.note(entry())
    await trail.close()
    assert len(topic.said) == 2


async def test_changes_that_come_together_are_acknowledged_together(
    topic: Topic, trail: BufferedAuditTrail
) -> None:
    await asyncio.gather(*(trail.keep(entry(method="POST")) for _ in range(100)))
    assert len(topic.said) == 100
    assert topic.batches < 10


async def test_what_goes_out_together_goes_to_one_partition_and_they_take_turns(
    topic: Topic, trail: BufferedAuditTrail
) -> None:
    for _ in range(2 * AUDIT.partitions):
        await asyncio.gather(*(trail.keep(entry(method="POST")) for _ in range(5)))
    assert all(len(each) == 1 for each in topic.partitions)
    assert set().union(*topic.partitions) == set(range(AUDIT.partitions))


def scope(method: str = "GET", route: str = "/v1/matches/{id}/{kind}", **params: str) -> Any:
    who = SimpleNamespace(id="k-1", role=AccountRole.CLERK)
    return {
        "method": method,
        "route": SimpleNamespace(path=route),
        "path_params": params,
        "state": {"principal": who, "request_id": "7"},
    }


def started(status: int) -> Any:
    return {"status": status, "headers": []}


def test_a_refusal_is_written_down_and_shows_nobody() -> None:
    (said,) = entries_of(scope(id="m-1"), started(403), {WORKER}, NOW)
    assert (said.status, said.persons, said.who) == (403, (), "k-1")
    assert list(entries_of(scope(id="m-1"), started(404), {WORKER}, NOW)) == []


def test_a_secret_in_a_path_is_not_written_down() -> None:
    (said,) = entries_of(scope("POST", "/v1/stop/{token}", token="abc"), started(200), set(), NOW)
    assert said.objects == ()


def test_an_answer_about_very_many_makes_several_entries() -> None:
    many = {ids.worker_id("t", str(number)) for number in range(1_200)}
    said = list(entries_of(scope(id="m-1"), started(200), many, NOW))
    assert [len(each.persons) for each in said] == [500, 500, 200]
    assert {person for each in said for person in each.persons} == many


@pytest.mark.parametrize(("workers", "contacts"), [(0, 50), (1_200, 45), (3, 21), (600, 1)])
def test_every_worker_and_contact_of_a_page_is_written_down(workers: int, contacts: int) -> None:
    people = {ids.worker_id("t", str(number)) for number in range(workers)}
    employers = {ids.employer_key(str(number)) for number in range(contacts)}
    said = list(entries_of(scope(id="m-1"), started(200), people | employers, NOW))
    named = [each.id for entry in said for each in entry.objects if each.kind == "contacts"]
    shown = [each for entry in said for each in entry.persons]
    assert (sorted(named), sorted(shown)) == (sorted(employers), sorted(people))
    assert all(entry.objects[0].id == "m-1" for entry in said), "each entry names the path's entity"
    assert len({entry.id for entry in said}) == len(said)


def test_of_every_view_it_is_known_whom_its_documents_are_about() -> None:
    match = ids.match_id(OPENING, WORKER)
    told = {"recipient": {"id": WORKER}}
    for view, id, document in (
        ("profiles", WORKER, {}),
        ("profiles-000001-0a0b0c0d", WORKER, {}),
        ("preferences", WORKER, {}),
        ("stops", WORKER, {}),
        ("matches", match, {}),
        ("notifications", "n-1", {"fact": told}),
        ("deliveries", "n-1.sms", {"fact": {"notification": told}}),
        ("deliveries", "n-1.sms", {"recipient_id": WORKER}),
        ("notices", "b-1", {"worker_ids": [WORKER]}),
    ):
        assert set(workers_in(view, id, document)) == {WORKER}, view
    assert set(workers_in("openings", OPENING, {})) == set()
    assert set(workers_in("notifications", "n-1", {"recipient_id": "s-1"})) == set()


async def _until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  the trail has no event to wait for
            await asyncio.sleep(0.01)


class ViewsInMemory(AuditingElastic):
    """Answers every read with a document of that id."""

    async def _mget(
        self, keys: Sequence[tuple[str, str]], docs: Sequence[dict[str, Any]]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        return {key: {"_source": {"id": key[1]}} for key in keys}


async def test_of_reads_that_share_a_request_each_caller_is_noted_with_its_own_worker() -> None:
    elastic = ViewsInMemory("http://127.0.0.1:9")

    async def workers_read(id: str) -> set[str]:
        with collect_workers() as workers:
            await elastic.get("profiles", id)
        return workers

    try:
        found = await asyncio.gather(*(workers_read(f"w-{number}") for number in range(3)))
    finally:
        await elastic.close()
    assert found == [{"w-0"}, {"w-1"}, {"w-2"}]
