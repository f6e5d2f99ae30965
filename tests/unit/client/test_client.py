"""The client retries with the same key, against answers like the API's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stamina

from roost_client import (
    ChangesMissed,
    Conflict,
    NotFound,
    Opening,
    Outdated,
    Problem,
    Roost,
    Unavailable,
)
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


def test_a_message_of_a_newer_release_is_read() -> None:
    message = {"id": "t-1", "author": "robot", "text": "好", "sentAt": "2026-11-30T09:00:00Z"}
    page = {"items": [message | {"mood": "new"}], "next": None, "waiting": 2, "channels": ["sms"]}
    roost, asked = client(httpx.Response(200, json=page), httpx.Response(200, json=page))
    [found] = roost.conversations.of("w-1").list()
    assert (found.author, found.text, found.delivery) == ("robot", "好", None)
    state = roost.conversations.of("w-1").state()
    assert (state.waiting, state.channels, state.stopped) == (2, ("sms",), None)
    assert asked[1].url.params["limit"] == "1"


def test_a_contact_is_set_at_the_version_that_was_read() -> None:
    stored = {"id": "e-1", "employerId": "a", "channels": [], "language": "zh", "version": 4}
    roost, asked = client(
        httpx.Response(200, json=stored, headers={"etag": '"4"'}),
        httpx.Response(202, json=ACCEPTED),
        refused(412),
    )
    read = roost.contact("a").get()
    changed = {"channels": [{"kind": "email", "address": "hr@example.com"}]}
    roost.contact("a").put(changed, of=read)
    assert asked[1].headers["if-match"] == '"4"'
    with pytest.raises(Outdated):
        roost.contact("a").put(changed, of=read)


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


def change(number: int, title: str = "x") -> str:
    said = {
        "type": "opening",
        "id": f"o-{number}",
        "version": 1,
        "at": "2026-11-25T00:00:00Z",
        "data": {"title": title},
        "ofANewerRelease": 1,
    }
    written = json.dumps(said, ensure_ascii=False)
    return f"event: change\r\nid: {number}\r\ndata: {written}\r\n\r\n"


def stream(*events: str) -> httpx.Response:
    """Answer with events, and break the connection after them."""

    def parts() -> Any:
        for each in events:
            yield each.encode()
        raise httpx.ReadError("gone")

    return httpx.Response(200, content=parts(), headers={"content-type": "text/event-stream"})


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_breaks_end_a_line_of_an_event(separator: str) -> None:
    title = f"砌筑工{separator}抹灰工"
    roost, _ = client(stream(change(1, title), change(2)))
    feed = roost.changes("0")
    first, second = next(feed), next(feed)
    assert first.data == {"title": title}
    assert (first.id, first.cursor, second.id) == ("o-1", "1", "o-2")


def test_an_event_split_into_parts_is_one_event() -> None:
    whole = change(1, "电焊工").encode()
    parts = [whole[at : at + 3] for at in range(0, len(whole), 3)]
    answer = httpx.Response(200, content=iter(parts), headers={"content-type": "text/event-stream"})
    roost, _ = client(answer, stream(change(2)))
    assert next(roost.changes("0")).data == {"title": "电焊工"}


def test_a_page_of_a_proxy_in_place_of_the_stream_is_waited_out() -> None:
    page = httpx.Response(200, html="<p>one moment</p>")
    roost, asked = client(page, refused(502), stream(change(3)))
    assert next(roost.changes("0")).id == "o-3"
    assert len(asked) == 3


def test_changes_that_are_not_replayed_are_reported_with_the_cursor_to_resume_at() -> None:
    roost, _ = client(stream("event: reload\nid: c9\ndata: {}\n\n", change(3)))
    with pytest.raises(ChangesMissed) as missed:
        next(roost.changes("c1"))
    assert missed.value.cursor == "c9"


def test_an_inbox_is_followed_from_the_last_entry() -> None:
    def entry(number: int) -> str:
        return f'event: entry\nid: p{number}\ndata: {{"id": "n-{number}", "title": "t"}}\n\n'

    ready = "event: ready\nid: p0\ndata: {}\n\n"
    roost, asked = client(stream(ready, entry(1)), stream(entry(2)))
    entries = roost.inbox("s-1").follow()
    assert [next(entries).id, next(entries).id] == ["n-1", "n-2"]
    assert [each.url.path for each in asked] == ["/v1/stations/s-1/inbox/events"] * 2
    assert asked[1].headers["last-event-id"] == "p1"


def test_a_list_may_ask_for_a_few_fields() -> None:
    page = {"items": [{"id": "m-1", "state": "a state of a newer release"}]}
    roost, asked = client(httpx.Response(200, json=page))
    (read,) = roost.openings.matches("o-1", fields=("state",))
    assert (read.value.state, read.value.score, read.version) == (
        "a state of a newer release",
        None,
        None,
    )
    assert asked[0].url.params["fields"] == "state"


def test_a_field_of_a_newer_release_is_kept() -> None:
    answer = {"id": "o-1", "version": 3, "title": "x", "ofANewerRelease": {"a": 1}}
    roost, _ = client(httpx.Response(200, json=answer, headers={"etag": '"3"'}))
    read = roost.openings.get("o-1")
    assert read.value.model_extra == {"ofANewerRelease": {"a": 1}}
    assert (read.version, read.tag) == (3, '"3"')


def test_a_resource_is_sent_with_the_fields_that_are_set() -> None:
    roost, asked = client(httpx.Response(202, json=ACCEPTED))
    roost.openings.post(Opening(title="砌筑工", total_job_openings=2))
    assert json.loads(asked[0].content) == {"title": "砌筑工", "totalJobOpenings": 2}


def test_the_secret_of_a_new_webhook_is_returned_but_not_printed() -> None:
    made = ACCEPTED | {"id": "h-1", "secret": "whsec_abc"}
    roost, _ = client(httpx.Response(202, json=made))
    registered = roost.webhooks.register({"url": "https://hr.example.com"})
    assert registered.secret == "whsec_abc"
    assert "whsec_abc" not in repr(registered)


def test_the_feed_goes_on_from_where_it_was_when_the_connection_breaks() -> None:
    roost, asked = client(stream(change(1), change(2)), stream(change(3)))
    feed = roost.changes("0", types=["opening"])
    assert [next(feed).id for _ in range(3)] == ["o-1", "o-2", "o-3"]
    assert [each.url.params["since"] for each in asked] == ["0", "2"]
