"""Where a write with an `Idempotency-Key` is done, or answered as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.idempotency import hashing
from api.guards.problem_responses import problem
from api.ports.services import Services
from roost.errors import Conflict, RoostError
from roost.events.request import Answered
from roost.metrics import REPLAYED

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
REPLAYED_HEADER = "idempotent-replayed"
KEPT_HEADERS = ("location", "etag")
IDS_ONLY = {"id", "version", "searchable", "self", "action", "read", "stopped", "inForce"}
"""Fields of answers that may be kept: with any other, the answer is not."""


class AnswerNotStored(Conflict):
    slug = "done-already"
    title = "This has been done; its answer was shown once"
    title_zh = "该请求已完成，其结果只显示一次"


class IdempotencyMiddleware:
    """Writes without a key, of nobody in particular, or to one of `own_way` pass by."""

    def __init__(self, app: ASGIApp, own_way: tuple[str, ...] = ()) -> None:
        self._app = app
        self._own_way = own_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WRITES:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        header = request.headers.get("idempotency-key")
        who = getattr(request.state, "principal", None)
        path: str = scope["path"]
        if header is None or who is None or path.startswith(self._own_way):
            await self._app(scope, receive, send)
            return
        try:
            await self._once(request, header, who.id, send)
        except RoostError as error:
            await problem(request, error)(scope, receive, send)

    async def _once(self, request: Request, header: str, who: str, send: Send) -> None:
        given: Services = request.app.state.services
        requests = given.requests
        await requests.caught_up()
        body = await request.body()
        scope = request.scope
        key = hashing.key_of(requests.secret, who, hashing.key_in(header))
        asked = hashing.asked_of(
            requests.secret, scope["method"], scope["path"], scope["query_string"], body
        )
        request.state.idempotency_key = key
        with requests.answers.working_on(key):
            now = given.clock.now()
            known = requests.answers.get(key, asked, now)
            if known is not None and not known.repeatable:
                REPLAYED.inc()
                await _replay(known)(scope, _body(body), send)
                return
            answer = BufferedResponse()
            await self._app(scope, _body(body), answer.take)
            if known is None and 200 <= answer.status < 300:
                repeatable = bool(getattr(request.state, "repeatable", False))
                await requests.keep(kept(key, asked, answer, repeatable, now))
            if known is not None:
                answer.headers[REPLAYED_HEADER] = "true"
            await answer.give(send)


class BufferedResponse:
    """An answer that is given only when it has been kept."""

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


def kept(key: str, asked: str, answer: BufferedResponse, repeatable: bool, at: datetime) -> Answered:
    """What is kept of an answer: all of it when it holds ids only, else that it was given."""
    headers = {
        name: value for name in KEPT_HEADERS if (value := answer.headers.get(name)) is not None
    }
    return Answered(
        key=key,
        asked=asked,
        status=answer.status,
        body=None if repeatable else ids_only(answer),
        headers=headers,
        repeatable=repeatable,
        at=at,
    )


def ids_only(answer: BufferedResponse) -> dict[str, Any] | None:
    """The body when nothing in it is more than an id or a number; `{}` for an empty one."""
    if answer.headers.get("cache-control") == "no-store":
        return None
    if not answer.body:
        return {}
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return None
    body = orjson.loads(answer.body)
    plain = isinstance(body, dict) and all(
        name in IDS_ONLY and isinstance(value, str | int | bool) for name, value in body.items()
    )
    return body if plain else None


def _replay(known: Answered) -> Response:
    """Raises NotKept when there is nothing to answer with."""
    if known.body is None:
        where = known.headers.get("location", "")
        raise AnswerNotStored(
            "This was done already under the same Idempotency-Key; its answer is kept nowhere. "
            + (f"Read {where}." if where else "Read what it changed."),
            "相同 Idempotency-Key 的请求已完成，其结果不再保存，请直接查看相关内容。",
        )
    headers = known.headers | {REPLAYED_HEADER: "true"}
    if not known.body:
        return Response(status_code=known.status, headers=headers)
    return JSONResponse(known.body, known.status, headers)


def _body(body: bytes) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive
