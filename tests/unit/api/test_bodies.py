"""Bounds on request bodies: every method and path, whatever a request declares about its body."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given as drawn
from hypothesis import settings as limits
from hypothesis import strategies as st

from api.access import sessions
from api.app import create_app
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.signed import Topics, given_to, headers_for

MOST, CHUNK = 10_000, 1_000
FORM = "application/x-www-form-urlencoded"
SETTINGS = Settings(body_limit=MOST, import_bytes=20 * MOST)


@dataclass
class Sent:
    """A request sent part by part: the bytes that the application took, and its answer."""

    taken: int = 0
    messages: list[Any] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def text(self) -> str:
        return b"".join(each.get("body", b"") for each in self.messages[1:]).decode()

    @property
    def problem(self) -> Any:
        return json.loads(self.text)


async def sent(
    app: FastAPI,
    method: str,
    path: str,
    headers: dict[str, str],
    size: int = 1_000 * CHUNK,
    chunk: bytes = b" " * CHUNK,
    version: str = "1.1",
) -> Sent:
    """Send a body of `size` bytes without a length, unless the headers declare one."""
    found, left = Sent(), size

    async def receive() -> Any:
        nonlocal left
        part = chunk[:left]
        left -= len(part)
        found.taken += len(part)
        return {"type": "http.request", "body": part, "more_body": left > 0}

    async def send(message: Any) -> None:
        found.messages.append(message)

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": version,
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"test"), *raw],
        "client": ("203.0.113.7", 5),
        "server": ("test", 80),
    }
    await app(scope, receive, send)
    return found


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics()


@pytest.fixture(scope="module")
def app(topics: Topics) -> FastAPI:
    made = create_app(SETTINGS)
    given_to(made, topics, settings=SETTINGS)
    return made


@pytest.fixture(scope="module")
def admin(topics: Topics) -> dict[str, str]:
    return headers_for(topics)


@pytest.fixture(scope="module")
def worker(topics: Topics) -> dict[str, str]:
    return headers_for(topics, AccountRole.WORKER, worker_id=f"w-{'a' * 26}")


@pytest.fixture(scope="module")
def cookie(topics: Topics) -> dict[str, str]:
    account, record = facts.account_made(
        Holder(role=AccountRole.ADMIN), "li", "Li", None, at=NOW, must_change=False
    )
    topics.put(record)
    opened = sessions.new_session(account, NOW, SETTINGS)
    topics.put(facts.session_put(opened.session, at=NOW))
    return {"cookie": f"{sessions.cookie_name(SETTINGS)}={opened.token}"}


PATHS = (
    "/v1/openings",
    "/v1/openings/o-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "/v1/imports",
    "/v1/imports/",
    "/v1/imports/i-aaaaaaaaaaaaaaaaaaaaaaaaaa/errors",
    "/v1/importsx",
    "/v1/sign-in",
    "/v1/stop/token",
    "/v1/changes",
    "/v1/nowhere",
    "/console/sign-in",
    "/console/notices",
    "/health/ready",
    "/static/x",
    "/",
    "/v1/keys/k-aaaaaaaaaaaaaaaaaaaaaaaaaa",
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "X")
KINDS = ("application/json", FORM, "multipart/form-data; boundary=x", "text/csv", "", "x/y")


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_of_two_lengths_is_refused_unread_and_ends_its_connection(
    app: FastAPI, admin: dict[str, str], path: str
) -> None:
    both = {"content-length": "5", "transfer-encoding": "chunked"}
    for headers in (both, both | admin | {"accept-language": "zh"}):
        found = await sent(app, "POST", path, headers)
        assert (found.status, found.taken) == (400, 0)
        assert "Transfer-Encoding" in found.text or "transfer-encoding" in found.text
        assert (b"connection", b"close") in found.messages[0]["headers"]


async def test_a_transfer_coding_in_http_1_0_is_refused(app: FastAPI) -> None:
    found = await sent(app, "POST", "/v1/sign-in", {"transfer-encoding": "chunked"}, version="1.0")
    assert (found.status, found.taken) == (400, 0)


@limits(max_examples=150, deadline=None)
@drawn(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    kind=st.sampled_from(KINDS),
    declared=st.sampled_from((None, "5", "-1", "x", "0")),
    keyed=st.sampled_from(("admin", "worker", "cookie", "nobody", "repeatable")),
)
async def test_no_request_hands_over_more_than_its_limit(
    app: FastAPI,
    admin: dict[str, str],
    worker: dict[str, str],
    cookie: dict[str, str],
    method: str,
    path: str,
    kind: str,
    declared: str | None,
    keyed: str,
) -> None:
    headers = {
        "admin": admin,
        "worker": worker,
        "cookie": cookie,
        "nobody": {},
        "repeatable": {**admin, "idempotency-key": '"k-1234567890123456"'},
    }[keyed] | {"content-type": kind}
    if declared is not None:
        headers["content-length"] = declared
    if (method, path) == ("POST", "/v1/imports") and keyed in {"admin", "repeatable"}:
        return  # takes the larger limit, and needs the import queue
    found = await sent(app, method, path, headers)
    assert found.taken <= MOST + CHUNK
    if method not in {"GET", "HEAD"}:  # reads look into views, which this test has none of
        assert 300 <= found.status < 500


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "length", [str(MOST + 1), "300000000", "9" * 5_000], ids=["just over", "large", "absurd"]
)
async def test_a_declared_length_over_the_limit_is_refused_unread(
    app: FastAPI, admin: dict[str, str], method: str, length: str
) -> None:
    found = await sent(app, method, "/v1/openings", {**admin, "content-length": length})
    assert (found.status, found.taken) == (413, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/openings", "/v1/imports", "/v1/nowhere", "/console/queue"])
async def test_a_stranger_is_refused_before_the_body_is_read(
    app: FastAPI, method: str, path: str, kind: str
) -> None:
    found = await sent(app, method, path, {"content-type": kind})
    assert (found.status, found.taken) == (303 if path.startswith("/console") else 401, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/imports"),
        ("POST", "/v1/openings"),
        ("POST", "/v1/accounts"),
        ("POST", "/v1/notices"),
        ("PUT", f"/v1/stations/s-{'a' * 26}"),
        ("DELETE", f"/v1/keys/k-{'a' * 26}"),
    ],
)
async def test_a_caller_without_the_permission_is_refused_before_the_body_is_read(
    app: FastAPI, worker: dict[str, str], method: str, path: str, kind: str
) -> None:
    found = await sent(app, method, path, {**worker, "content-type": kind})
    assert (found.status, found.taken) == (403, 0)


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/v1/imports", "/v1/openings", "/v1/me/password"])
async def test_only_a_page_of_ours_may_carry_its_token_in_a_form(
    app: FastAPI, cookie: dict[str, str], path: str, kind: str
) -> None:
    found = await sent(app, "POST", path, {**cookie, "content-type": kind})
    assert (found.status, found.taken) == (403, 0)
    assert found.problem["type"] == "/problems/forged"


FIELD = b'Content-Disposition: form-data; name="csrf"'
UNREADABLE: Iterable[tuple[str, bytes]] = (
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"not a part"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: x\r\n\r\n1\r\n--x--"),
    (
        "multipart/form-data; boundary=x; charset=nonsense",
        b"--x\r\n" + FIELD + b"\r\n\r\n1\r\n--x--\r\n",
    ),
    (f"{FORM}; charset=nonsense", b"csrf=\xff"),
    (FORM, b"&" * 9_000),
    (FORM, b"a=1&" * 2_000),
)


@pytest.mark.parametrize(("kind", "body"), UNREADABLE)
async def test_an_unreadable_form_is_refused_and_is_no_internal_error(
    app: FastAPI, cookie: dict[str, str], kind: str, body: bytes
) -> None:
    headers = {**cookie, "content-type": kind}
    found = await sent(app, "POST", "/console/notices", headers, len(body), body)
    assert 400 <= found.status < 500


async def test_a_body_of_delete_is_checked_as_that_of_other_writes(
    app: FastAPI, admin: dict[str, str]
) -> None:
    path = f"/v1/keys/k-{'a' * 26}"
    deep = {**admin, "content-type": "application/json"}
    found = await sent(app, "DELETE", path, deep, 200, b"[" * 200)
    assert found.status == 422
    found = await sent(app, "DELETE", path, {**admin, "content-type": "text/csv"}, 5, b"a,b,c")
    assert found.status == 415
