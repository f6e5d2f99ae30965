"""Middleware that runs a write with an `Idempotency-Key` once, and repeats its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.body_replay import replayed_body
from api.guards.idempotency import hashing
from api.guards.problem_responses import problem
from api.guards.security_headers import is_shown_once
from api.ports.services import Services
from roost.errors import Conflict, RoostError
from roost.events.request import Answered
from roost.metrics import REPLAYED

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
REPLAYED_HEADER = "idempotent-replayed"
STORED_HEADERS = ("location", "etag")
IDS_ONLY = {"id", "version", "searchable", "self", "action", "read", "stopped", "inForce"}
"""Fields of answers that may be stored; an answer with any other field is not stored."""


class AnswerNotStored(Conflict):
    """The write has run; its answer was shown once and cannot be repeated."""

    slug = "done-already"
    title = "This has already been done; its answer was shown once"
    title_zh = "该请求已完成，其结果只显示一次"


class IdempotencyMiddleware:
    """Runs a keyed write once per caller and key.

    Writes without a key or a caller, and paths that begin with one of `exempt`, pass unchanged.
    """

    def __init__(self, app: ASGIApp, exempt: tuple[str, ...] = ()) -> None:
        self._app = app
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WRITES:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        header = request.headers.get("idempotency-key")
        who = getattr(request.state, "principal", None)
        path: str = scope["path"]
        if header is None or who is None or path.startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        try:
            await self._run_once(request, header, who.id, send)
        except RoostError as error:
            await problem(request, error)(scope, receive, send)

    async def _run_once(self, request: Request, header: str, who: str, send: Send) -> None:
        given: Services = request.app.state.services
        requests = given.requests
        await requests.caught_up()
        body = await request.body()
        scope = request.scope
        receive = replayed_body(body, request.receive)
        key = hashing.key_of(requests.secret, who, hashing.key_in(header))
        asked = hashing.request_hash(
            requests.secret, scope["method"], scope["path"], scope["query_string"], body
        )
        request.state.idempotency_key = key
        with requests.answers.working_on(key):
            now = given.clock.now()
            stored = requests.answers.get(key, asked, now)
            if stored is not None and not stored.repeatable:
                REPLAYED.inc()
                await _replay(stored)(scope, receive, send)
                return
            response = BufferedResponse()
            await self._app(scope, receive, response.take)
            if stored is None and 200 <= response.status < 300:
                repeatable = bool(getattr(request.state, "repeatable", False))
                await requests.keep(answered_request(key, asked, response, repeatable, now))
            if stored is not None:
                response.headers[REPLAYED_HEADER] = "true"
            await response.give(send)


class BufferedResponse:
    """A response that is sent only once it has been stored."""

    def __init__(self) -> None:
        self.status = 0
        self._start: Message = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self._start = message["status"], message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def headers(self) -> MutableHeaders:
        return MutableHeaders(scope=self._start)

    async def give(self, send: Send) -> None:
        await send(self._start)
        await send({"type": "http.response.body", "body": self.body})


def answered_request(
    key: str, asked: str, response: BufferedResponse, repeatable: bool, at: datetime
) -> Answered:
    """Return the answer to store: all of it if it holds ids only, else that it was given."""
    headers = {
        name: value for name in STORED_HEADERS if (value := response.headers.get(name)) is not None
    }
    return Answered(
        key=key,
        asked=asked,
        status=response.status,
        body=None if repeatable else ids_only(response),
        headers=headers,
        repeatable=repeatable,
        at=at,
    )


def ids_only(response: BufferedResponse) -> dict[str, Any] | None:
    """Return the body if it holds ids and numbers only; `{}` for an empty one, else None."""
    if is_shown_once(response.headers.get("cache-control")):
        return None
    if not response.body:
        return {}
    if not response.headers.get("content-type", "").startswith("application/json"):
        return None
    body = orjson.loads(response.body)
    plain = isinstance(body, dict) and all(
        name in IDS_ONLY and isinstance(value, str | int | bool) for name, value in body.items()
    )
    return body if plain else None


def _replay(stored: Answered) -> Response:
    """Return the stored answer. Raises AnswerNotStored if it held more than ids."""
    if stored.body is None:
        where = stored.headers.get("location", "")
        raise AnswerNotStored(
            "This was already done under the same Idempotency-Key; its answer is not stored. "
            + (f"Read {where}." if where else "Read the entity that it changed."),
            "相同 Idempotency-Key 的请求已完成，其结果不再保存，请直接查看相关内容。",
        )
    headers = stored.headers | {REPLAYED_HEADER: "true"}
    if not stored.body:
        return Response(status_code=stored.status, headers=headers)
    return JSONResponse(stored.body, stored.status, headers)
