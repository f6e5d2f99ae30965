"""Headers on every kind of answer, and the deadline of a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message

from api.guards import problem_responses
from api.guards.body_limits import BodyCheckMiddleware, BodyLimitMiddleware
from api.guards.request_timeouts import RequestTimeoutMiddleware
from api.guards.security_headers import ALWAYS, SecurityHeadersMiddleware
from roost.errors import NotFound


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    problem_responses.install(made)
    made.add_middleware(BodyCheckMiddleware)
    made.add_middleware(BodyLimitMiddleware, most_bytes=100)
    made.add_middleware(RequestTimeoutMiddleware, most_s=0.3)
    made.add_middleware(problem_responses.UnhandledErrorMiddleware)
    made.add_middleware(SecurityHeadersMiddleware, over_https=True)

    @made.get("/fine")
    async def fine() -> str:
        return "fine"

    @made.post("/number")
    async def number(value: dict[str, int]) -> str:
        return "fine"

    @made.get("/absent")
    async def absent() -> str:
        raise NotFound("There is none.", "没有。")

    @made.get("/fault")
    async def fault() -> str:
        raise ValueError("张三 13800000000")

    @made.get("/hangs")
    async def hangs() -> str:
        await asyncio.Event().wait()
        return "never"

    @made.get("/live")
    async def live() -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            yield "data: 1\n\n"
            await asyncio.sleep(0.6)  # longer than the deadline of a request
            yield "data: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @made.get("/own")
    async def own() -> Response:
        return Response("x", headers={"Cache-Control": "public, max-age=60"})

    return made


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://roost") as client:
        yield client


ANSWERS = {
    200: ("GET", "/fine", {}),
    404: ("GET", "/nowhere", {}),
    405: ("DELETE", "/fine", {}),
    413: ("POST", "/number", {"json": {"a": "x" * 200}}),
    415: ("POST", "/number", {"content": "x", "headers": {"content-type": "text/plain"}}),
    422: ("POST", "/number", {"json": {"a": "x"}}),
    500: ("GET", "/fault", {}),
    503: ("GET", "/hangs", {}),
}


@pytest.mark.parametrize("status", ANSWERS)
async def test_every_kind_of_answer_carries_the_headers(
    api: httpx.AsyncClient, status: int
) -> None:
    method, path, sent = ANSWERS[status]
    answer = await api.request(method, path, **sent)
    assert answer.status_code == status
    for name, value in ALWAYS.items():
        assert answer.headers[name.decode()] == value.decode()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert len(answer.headers["x-request-id"]) == 16


async def test_without_https_browsers_are_not_told_to_insist_on_it() -> None:
    bare = FastAPI()
    bare.add_middleware(SecurityHeadersMiddleware, over_https=False)
    transport = httpx.ASGITransport(bare)
    async with httpx.AsyncClient(transport=transport, base_url="http://roost") as api:
        assert "strict-transport-security" not in (await api.get("/x")).headers


async def test_what_an_answer_says_itself_stays(api: httpx.AsyncClient) -> None:
    answer = await api.get("/own")
    assert answer.headers.get_list("cache-control") == ["public, max-age=60"]


async def test_only_the_pages_of_the_api_may_run_their_own_script(api: httpx.AsyncClient) -> None:
    assert "'unsafe-inline'" in (await api.get("/docs")).headers["content-security-policy"]
    assert "unsafe" not in (await api.get("/docs/x")).headers["content-security-policy"]


def test_security_headers_are_defined_in_one_place() -> None:
    api = Path(problem_responses.__file__).parents[1]
    found = {
        path.name
        for path in api.rglob("*.py")
        if re.search(r"nosniff|default-src|frame-ancestors", path.read_text("utf-8"))
    }
    assert found == {"security_headers.py"}


async def test_an_internal_error_names_the_request_under_which_it_was_logged(
    api: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = await api.get("/fault")
    id = answer.headers["x-request-id"]
    assert logged[0]["request_id"] == id
    assert answer.json()["detail"] == f"Internal error (logged as {id})."


async def test_a_fault_is_logged_by_its_place_and_never_by_its_words(
    api: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = await api.get("/fault")
    assert answer.json()["type"] == "/problems/error"
    assert "13800000000" not in f"{logged} {answer.text}"
    assert logged[0]["error"] == "ValueError"
    assert logged[0]["at"].startswith("fault:")


async def test_a_caller_who_leaves_before_the_end_of_the_body_is_no_fault(app: FastAPI) -> None:
    parts: list[Message] = [
        {"type": "http.request", "body": b'{"a":', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/number", "query_string": b"",
             "headers": [(b"content-type", b"application/json")]}  # fmt: skip
    with structlog.testing.capture_logs() as logged:
        await app(scope, receive, send)
    assert [each["event"] for each in logged if each["log_level"] == "error"] == []
    assert sent[0]["status"] == 400


async def test_a_request_that_takes_too_long_is_ended(api: httpx.AsyncClient) -> None:
    answer = await asyncio.wait_for(api.get("/hangs"), 5)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_a_body_that_does_not_come_is_not_waited_for(api: httpx.AsyncClient) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"a":'
        await asyncio.Event().wait()

    answer = await asyncio.wait_for(
        api.post("/number", content=body(), headers={"content-type": "application/json"}), 5
    )
    assert answer.status_code == 408
    assert answer.json()["type"] == "/problems/too-slow"


async def test_live_events_go_on_for_as_long_as_they_like(api: httpx.AsyncClient) -> None:
    answer = await api.get("/live")
    assert answer.text == "data: 1\n\ndata: 2\n\n"
