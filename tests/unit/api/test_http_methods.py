"""HEAD, compression, cross-origin reads, weak tags of lists, and granted preferences."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from sse_starlette import EventSourceResponse

from api.guards.compression import CompressionMiddleware, accepts_gzip
from api.guards.conditional import NotModifiedMiddleware
from api.guards.head_requests import HeadMiddleware
from api.guards.list_tags import ListTagMiddleware, list_tag
from api.guards.public_cors import PublicCorsMiddleware
from api.writes.publishing import Wait
from tests.unit.api.test_signing_in import Here

LONG = {"items": [{"id": f"o-{number}", "title": "砌筑工"} for number in range(100)], "next": "a"}
GZIP = {"accept-encoding": "gzip"}


@pytest.fixture
def stream_ended() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def api(stream_ended: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    for each in (ListTagMiddleware, NotModifiedMiddleware, CompressionMiddleware):
        app.add_middleware(each)
    app.add_middleware(PublicCorsMiddleware)
    app.add_middleware(HeadMiddleware)
    cursors = iter("abcdefgh")

    @app.get("/v1/openings")
    async def openings() -> dict[str, Any]:
        return LONG | {"next": next(cursors)}

    @app.get("/v1/openings/o-1")
    async def opening(response: Response) -> dict[str, Any]:
        response.headers["etag"] = '"7"'
        return LONG

    @app.get("/v1/changes")
    async def changes() -> dict[str, Any]:
        return {"items": [], "next": next(cursors)}

    @app.get("/console/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>token</p>" * 500)

    @app.get("/v1/export")
    async def export() -> StreamingResponse:
        return StreamingResponse(iter(["row\n"] * 1_000), media_type="text/csv")

    @app.get("/v1/public/openings")
    async def public() -> dict[str, Any]:
        return LONG

    @app.get("/v1/changes/events")
    async def events() -> EventSourceResponse:
        async def forever() -> AsyncIterator[str]:
            try:
                while True:
                    yield "x"
                    await asyncio.sleep(3_600)
            finally:
                stream_ended.set()

        return EventSourceResponse(forever())

    @app.post("/v1/openings")
    async def post(wait: Wait) -> Annotated[float, "seconds"]:
        return wait

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
    ) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/v1/openings", "/v1/openings/o-1", "/console/page", "/v1/export"]
)
async def test_head_has_the_headers_of_get_and_no_body(api: httpx.AsyncClient, path: str) -> None:
    read, head = await api.get(path), await api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert {"date", *head.headers} == {"date", *read.headers}
    assert head.headers["content-type"] == read.headers["content-type"]


async def test_head_of_a_stream_answers_and_ends_it(
    api: httpx.AsyncClient, stream_ended: asyncio.Event
) -> None:
    async with asyncio.timeout(10):
        head = await api.head("/v1/changes/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


async def test_head_of_an_unknown_path_or_a_write_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.head("/v1/unknown")).status_code == 404


async def test_a_list_is_compressed_and_an_entity_keeps_the_bytes_of_its_tag(
    api: httpx.AsyncClient,
) -> None:
    listed = await api.get("/v1/openings", headers=GZIP)
    assert listed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in listed.headers["vary"].lower()
    assert listed.json()["items"] == LONG["items"]
    for path in ("/v1/openings/o-1", "/console/page"):
        assert "content-encoding" not in (await api.get(path, headers=GZIP)).headers
    exported = await api.get("/v1/export", headers=GZIP)
    assert (exported.headers["content-encoding"], len(exported.text)) == ("gzip", 4_000)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
        ("x-gzipped", False),
    ],
)
def test_only_clients_that_accept_gzip_receive_it(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


async def test_a_list_that_is_the_same_is_not_sent_again(api: httpx.AsyncClient) -> None:
    first = await api.get("/v1/openings", headers=GZIP)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = await api.get("/v1/openings", headers=GZIP | {"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.get("/v1/openings", headers={"if-none-match": 'W/"another"'})
    assert other.status_code == 200


async def test_a_page_of_the_change_feed_has_no_tag(api: httpx.AsyncClient) -> None:
    assert "etag" not in (await api.get("/v1/changes")).headers


def test_the_tag_of_a_list_covers_everything_but_the_cursor() -> None:
    assert list_tag(b'{"items": [1], "next": "a"}') == list_tag(b'{"next": "b", "items": [1]}')
    assert list_tag(b'{"items": [1], "total": 1}') != list_tag(b'{"items": [1], "total": 2}')
    assert list_tag(b'{"id": "o-1"}') is None
    assert list_tag(b"[1]") is None


async def test_any_site_may_read_published_openings_and_nothing_else(
    api: httpx.AsyncClient,
) -> None:
    site = {"origin": "https://village.example.cn"}
    public = await api.get("/v1/public/openings", headers=site)
    assert public.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in public.headers
    assert public.headers["cross-origin-resource-policy"] == "cross-origin"
    asked = site | {"access-control-request-method": "GET"}
    assert (await api.options("/v1/public/openings", headers=asked)).status_code == 200
    write = site | {"access-control-request-method": "DELETE"}
    assert (await api.options("/v1/public/openings", headers=write)).status_code == 400
    closed = await api.get("/v1/openings", headers=site)
    assert "access-control-allow-origin" not in closed.headers


@pytest.mark.parametrize(
    ("prefer", "granted"),
    [
        ("wait=5", 5),
        ("respond-async, wait=7", 7),
        ("Wait=7", 7),
        ("wait=999", 30),
        ("wait=99999999999999999999", 30),
        ("wait=²", None),
        ("wait=-1", None),
        ("wait=x", None),
    ],
)
async def test_the_granted_wait_is_named(
    api: httpx.AsyncClient, prefer: str, granted: int | None
) -> None:
    answer = await api.post("/v1/openings", headers={b"prefer": prefer.encode("latin-1")})
    assert answer.json() == float(granted or 0)
    expected = f"wait={granted}" if granted is not None else None
    assert answer.headers.get("preference-applied") == expected


async def test_a_compressed_answer_is_the_same_data(api: httpx.AsyncClient) -> None:
    async with api.stream("GET", "/v1/public/openings", headers=GZIP) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert b"o-99" in gzip.decompress(raw)


@pytest.mark.parametrize("path", ["/console/sign-out", "/console/nowhere", "/console/accounts"])
async def test_head_of_a_page_that_is_refused_has_the_status_of_get(path: str) -> None:
    here = Here()
    here.account()
    await here.sign_in()
    for browser in (here.client, here.browser()):
        got, head = await browser.get(path), await browser.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
