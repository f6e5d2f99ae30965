"""Idempotency-Key without servers: stored answers, their lifetime, and their replay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.principal import Principal
from api.app import create_app
from api.guards import problem_responses
from api.guards.idempotency import hashing
from api.guards.idempotency.answer_cache import AnswerCache, KeyReused, RequestInFlight
from api.guards.idempotency.idempotency_middleware import IdempotencyMiddleware
from api.guards.idempotency.key_header import Key, Repeatable, Seed
from api.guards.open_paths import is_open
from api.guards.reading_posts import only_reads
from roost.errors import Invalid
from roost.events.account import AccountRole
from roost.events.request import Answered
from roost.settings import Settings
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

SECRET = b"s" * 32


def answered(key: str, at: datetime = NOW, asked: str = "a") -> Answered:
    return Answered(key=key * 32, asked=asked * 32, status=202, body={"id": "x"}, at=at)


@pytest.mark.parametrize(
    ("header", "key"),
    [('"8e03978e"', "8e03978e"), ("8e03978e", "8e03978e"), (' "a b" ', "a b"), ("a" * 200,) * 2],
)
def test_a_key_may_stand_in_quotes(header: str, key: str) -> None:
    assert hashing.key_in(header) == key


@pytest.mark.parametrize("header", ["", '""', "a b", "é", "a" * 201, '"a', 'a"b'])
def test_what_is_no_key_is_refused(header: str) -> None:
    with pytest.raises(Invalid):
        hashing.key_in(header)


def test_a_key_is_another_one_of_another_principal_or_under_another_secret() -> None:
    hashes = {
        hashing.key_of(SECRET, "u-1", "a"),
        hashing.key_of(SECRET, "u-2", "a"),
        hashing.key_of(SECRET, "u-1a", ""),
        hashing.key_of(b"t" * 32, "u-1", "a"),
    }
    assert len(hashes) == 4


def test_an_answer_is_remembered_for_a_day() -> None:
    kept = AnswerCache(10)
    kept.put(answered("1"), NOW)
    assert kept.get("1" * 32, "a" * 32, NOW + timedelta(hours=23, minutes=59)) is not None
    assert kept.get("1" * 32, "a" * 32, NOW + timedelta(hours=24)) is None


def test_another_request_under_the_key_is_refused() -> None:
    kept = AnswerCache(10)
    kept.put(answered("1"), NOW)
    with pytest.raises(KeyReused):
        kept.get("1" * 32, "b" * 32, NOW)


def test_the_first_answer_counts_and_the_oldest_goes_at_the_bound() -> None:
    kept = AnswerCache(2)
    kept.put(answered("1"), NOW)
    kept.put(answered("1", asked="b"), NOW)
    assert kept.get("1" * 32, "a" * 32, NOW) is not None
    kept.put(answered("2"), NOW)
    kept.put(answered("3"), NOW)
    assert (len(kept), kept.forgotten_early) == (2, 1)
    assert kept.get("1" * 32, "a" * 32, NOW) is None


def test_one_request_works_under_a_key_at_a_time() -> None:
    kept = AnswerCache(2)
    with kept.working_on("1"):
        with pytest.raises(RequestInFlight), kept.working_on("1"):
            pass
        with kept.working_on("2"):
            pass
    with kept.working_on("1"):
        pass


class SignedIn:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            who = Principal("u-1", AccountRole.ADMIN, "test")
            Request(scope).state.principal = who
        await self._app(scope, receive, send)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problem_responses.install(app)
    done: list[str] = []

    @app.post("/v1/plain", status_code=202)
    async def plain(body: dict[str, Any], seed: Seed, response: Response) -> dict[str, Any]:
        done.append(seed)
        response.headers["location"] = "/v1/plain/1"
        return {"id": seed, "version": len(done)}

    @app.post("/v1/personal")
    async def personal(body: dict[str, Any], key: Key) -> dict[str, Any]:
        return {"id": str(key), "name": "示例人员"}

    @app.post("/v1/again", dependencies=[Repeatable])
    async def again(body: dict[str, Any], key: Key) -> dict[str, Any]:
        done.append(str(key))
        return {"name": "示例", "times": len(done)}

    @app.delete("/v1/plain/1", status_code=204)
    async def gone() -> None:
        done.append("gone")

    app.add_middleware(IdempotencyMiddleware)
    app.add_middleware(SignedIn)
    app.state.services = services_with(clock=FixedClock(NOW), key=SECRET)
    app.state.done = done
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as made:
        yield made


KEY = {"idempotency-key": "k1"}


async def test_a_write_is_done_once_and_answered_the_same(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/plain", json={"a": 1}, headers=KEY)
    again = await client.post("/v1/plain", json={"a": 1}, headers=KEY)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == "/v1/plain/1"
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/plain", json={"a": 2}, headers=KEY)
    assert other.status_code == 409


async def test_an_empty_answer_is_answered_again_empty(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await client.delete("/v1/plain/1", headers=KEY)
        assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["idempotent-replayed"] == "true"


async def test_an_answer_with_more_than_ids_is_not_kept(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/personal", json={}, headers=KEY)
    assert first.status_code == 200
    again = await client.post("/v1/personal", json={}, headers=KEY)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/done-already")
    assert "示例" not in again.text


async def test_what_may_be_repeated_is_asked_again(client: httpx.AsyncClient) -> None:
    await client.post("/v1/again", json={}, headers=KEY)
    again = await client.post("/v1/again", json={}, headers=KEY)
    assert again.json()["times"] == 2
    assert again.headers["idempotent-replayed"] == "true"
    assert (await client.post("/v1/again", json={"x": 1}, headers=KEY)).status_code == 409


async def test_without_a_key_everything_is_done_every_time(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/plain", json={})
    second = await client.post("/v1/plain", json={})
    assert first.json()["id"] != second.json()["id"]


async def test_a_wrong_key_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/plain", json={}, headers={"idempotency-key": "a b"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_the_document_names_the_key_of_every_write() -> None:
    document = create_app(Settings()).openapi()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            names = [each["name"].lower() for each in operation.get("parameters", ())]
            write = method in {"post", "put", "patch", "delete"} and path.startswith("/v1/")
            expected = write and not is_open(path) and not only_reads(method.upper(), path)
            assert names.count("idempotency-key") == expected, f"{method} {path}"
