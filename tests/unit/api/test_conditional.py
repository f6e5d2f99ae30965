"""ETag, If-None-Match, If-Match, and edits of the current version."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI, Response

from api.guards.conditional import Expected, NotModifiedMiddleware, PreconditionFailed, tagged
from api.ports.latest_writes import LatestWrites
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.topics import OPENINGS


@pytest.mark.parametrize(
    ("known", "status"),
    [('"5"', 304), ('W/"5"', 304), ('"4", "5"', 304), ("*", 304), ('"4"', 200), ("5", 200)],
)
async def test_who_has_it_is_not_sent_it(known: str, status: int) -> None:
    app = FastAPI()

    @app.get("/thing")
    async def thing(response: Response) -> dict[str, int]:
        tagged(response, 5)
        return {"version": 5}

    transport = httpx.ASGITransport(NotModifiedMiddleware(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/thing", headers={"if-none-match": known})
    assert answer.status_code == status
    assert bool(answer.content) == (status == 200)
    assert answer.headers["etag"] == '"5"'


@pytest.mark.parametrize("tags", [None, {'"5"'}, {"*"}, {'"4"', '"5"'}, {'"5-ab"'}])
def test_an_edit_of_what_was_read_is_let_through(tags: set[str] | None) -> None:
    Expected(None if tags is None else frozenset(tags)).check(5)


@pytest.mark.parametrize("tags", [set(), {'"4"'}, {'"55"'}, {'"4-5"'}])
def test_an_edit_of_what_has_changed_since_is_refused(tags: set[str]) -> None:
    with pytest.raises(PreconditionFailed):
        Expected(frozenset(tags)).check(5)


@pytest.mark.parametrize("unwanted", [{"*"}, {'"5"'}, {'W/"5"'}, {'"4"', '"5"'}, {'"5-ab"'}])
def test_a_write_that_must_not_replace_a_version_is_refused(unwanted: set[str]) -> None:
    with pytest.raises(PreconditionFailed, match="If-None-Match"):
        Expected(unwanted=frozenset(unwanted)).check(5)
    with pytest.raises(PreconditionFailed, match="If-None-Match"):
        Expected(frozenset({'"5"'}), frozenset(unwanted)).check(5)
    Expected(unwanted=frozenset(unwanted)).check_absent()


@pytest.mark.parametrize("unwanted", [set(), {'"4"'}, {'W/"55"'}, {'"4-5"'}])
def test_a_write_that_must_not_replace_another_version_is_let_through(unwanted: set[str]) -> None:
    Expected(unwanted=frozenset(unwanted)).check(5)


def published(latest: LatestWrites, value: bytes | None, offset: int) -> None:
    latest.note(Record(OPENINGS, "o-1", value, []), Position(OPENINGS.name, 0, offset))


def test_what_was_published_here_counts_until_the_view_has_it() -> None:
    latest = LatestWrites()
    view = {"version": 3, "fact": {"title": "old"}}
    assert latest.over("openings", "o-1", view).version == 3
    published(latest, b'{"title": "new"}', 6)
    published(latest, b'{"title": "late"}', 4)
    newest = latest.over("openings", "o-1", view)
    assert (newest.version, newest.fact) == (7, {"title": "new"})
    assert latest.over("openings", "o-1", {"version": 9, "fact": {}}).version == 9
    published(latest, None, 11)
    assert latest.over("openings", "o-1", view).fact is None
    assert latest.over("openings", "o-2", None) == latest.over("openings", "o-3", None)


async def test_two_never_edit_the_same_thing_at_once() -> None:
    latest, inside = LatestWrites(), 0

    async def work() -> None:
        nonlocal inside
        async with latest.alone("openings", "o-1"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    async with latest.alone("openings", "o-1"), latest.alone("openings", "o-2"):
        pass
