"""The client retries with the same key, against answers like the API's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stamina

from roost_client import Conflict, NotFound, Outdated, Problem, Roost, Unavailable
from roost_client.change_stream import Event, events_in
from roost_client.client_errors import problem_of
from roost_client.sending import again_after

ACCEPTED = {"id": "o-1", "version": 3, "searchable": True, "self": "/v1/openings/o-1"}
Answer = Callable[[httpx.Request], httpx.Response]


def client(*answers: httpx.Response | Exception) -> tuple[Roost, list[httpx.Request]]:
    asked: list[httpx.Request] = []
    waiting = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = next(waiting)
        if isinstance(found, Exception):
            raise found
        return found

    return Roost("http://test", "rk_x", transport=httpx.MockTransport(answer)), asked


def refused(status: int, kind: str = "", **headers: str) -> httpx.Response:
    said = {"type": kind, "title": "t", "detail": "d", "errors": [{"field": "a", "message": "m"}]}
    return httpx.Response(
        status, json=said, headers={"content-type": "application/problem+json"} | headers
    )


@pytest.fixture(autouse=True)
def _at_once() -> Any:
    with stamina.set_testing(True, attempts=4):
        yield


def test_a_write_is_tried_again_with_the_same_key() -> None:
    roost, asked = client(
        refused(503, **{"retry-after": "5"}),
        httpx.ConnectError("gone"),
        refused(429),
        httpx.Response(202, json=ACCEPTED, headers={"idempotent-replayed": "true"}),
    )
    accepted = roost.openings.post({"title": "x"}, wait_s=5)
    assert (accepted.id, accepted.version, accepted.replayed) == ("o-1", 3, True)
    assert len({each.headers["idempotency-key"] for each in asked}) == 1
    assert all(each.headers["prefer"] == "wait=5" for each in asked)
    assert all(each.headers["authorization"] == "Bearer rk_x" for each in asked)


def test_two_writes_have_two_keys_and_reads_have_none() -> None:
    answers = [httpx.Response(202, json=ACCEPTED)] * 2 + [httpx.Response(200, json={"next": "1"})]
    roost, asked = client(*answers)
    roost.openings.post({})
    roost.openings.post({})
    roost.now()
    keys = [each.headers.get("idempotency-key") for each in asked]
    assert keys[0] != keys[1]
    assert keys[2] is None


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (409, Conflict), (412, Outdated), (422, Problem)]
)
def test_what_is_refused_is_an_error_and_not_tried_again(status: int, kind: type[Problem]) -> None:
    roost, asked = client(refused(status))
    with pytest.raises(kind) as found:
        roost.openings.post({})
    assert type(found.value) is kind
    assert found.value.fields == {"a": "m"}
    assert len(asked) == 1


def test_a_key_in_flight_is_waited_for_as_long_as_the_service_says() -> None:
    error = problem_of(refused(409, "/problems/idempotency-key-in-flight", **{"retry-after": "1"}))
    assert isinstance(error, Unavailable)
    assert again_after(error) == 1.0
    assert again_after(problem_of(refused(503))) is True
    assert again_after(problem_of(refused(409))) is False
    assert again_after(ValueError()) is False


def test_a_list_is_read_page_by_page() -> None:
    first = {"items": [{"row": 1}, {"row": 2}], "next": "c"}
    roost, asked = client(
        httpx.Response(200, json=first), httpx.Response(200, json={"items": [{"row": 3}]})
    )
    assert [each["row"] for each in roost.imports.errors("i-1")] == [1, 2, 3]
    assert asked[1].url.params["cursor"] == "c"


def test_events_are_read_as_the_standard_says() -> None:
    lines = [": hello", "event: change", "id: 1", "data: a", "data:b", "", "", "data: c", ""]
    assert list(events_in(lines)) == [Event("change", "1", "a\nb"), Event("message", "", "c")]


def test_the_feed_goes_on_from_where_it_was_when_the_connection_breaks() -> None:
    def event(number: int) -> str:
        said = f'{{"type":"opening","id":"o-{number}","version":1,"at":"2026-11-25T00:00:00Z"}}'
        return f"event: change\r\nid: {number}\r\ndata: {said}\r\n\r\n"

    def stream(*numbers: int) -> httpx.Response:
        def parts() -> Any:
            for number in numbers:
                yield event(number).encode()
            raise httpx.ReadError("gone")

        return httpx.Response(200, content=parts())

    roost, asked = client(stream(1, 2), stream(3))
    feed = roost.changes("0", types=["opening"])
    assert [next(feed).id for _ in range(3)] == ["o-1", "o-2", "o-3"]
    assert [each.url.params["since"] for each in asked] == ["0", "2"]
