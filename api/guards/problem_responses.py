"""Conversion of errors to a status and an RFC 9457 problem, in the reader's language.

A problem never repeats the input: it may hold personal data, or characters that cannot be encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.errors import BadRequest, Fatal, FieldError, Invalid, RoostError
from roost.events.validation_words import field_error
from roost.logs import place_of
from roost.views.answers import SearchRefused
from roost.wording.preferred_language import preferred_language

_log = structlog.get_logger(__name__)
MEDIA = "application/problem+json"
RETRY_AFTER_S = "5"
"""Wait that a problem names if its error knows none, in seconds."""
WAITED_FOR = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses whose problems always say how long to wait."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

HTTP_STATUS_ZH = {
    400: "请求有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有这个网址",
    405: "该网址不支持这种请求方法",
    406: "无法提供所要求的格式",
    413: "内容过大",
    415: "不支持这种内容格式",
    422: "输入内容有误",
    429: "请求过于频繁",
    500: "系统内部错误",
    503: "服务暂时不可用",
}


class Malformed(Invalid):
    """The body cannot be parsed as JSON."""

    status = 400
    slug = "malformed"
    title = "The body is not valid JSON"
    title_zh = "请求内容不是有效的 JSON"


def install(app: FastAPI) -> None:
    """Register the error handlers of the application."""
    app.add_exception_handler(RoostError, _answer_roost_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_error)


def problem(request: Request | None, error: RoostError, instance: str = "") -> JSONResponse:
    """Return the problem document of an error."""
    body = problem_body(request, error, instance)
    headers = {"content-language": language_of(request), "vary": "accept-language"}
    if error.status in WAITED_FOR:
        headers["retry-after"] = RETRY_AFTER_S
    headers |= error.headers
    return JSONResponse(body, error.status, headers, media_type=MEDIA)


def language_of(request: Request | None) -> str:
    """Return the language of the problems that a request receives: zh or en."""
    header = request.headers.get("accept-language", "") if request else ""
    return "zh" if preferred_language(header, default="en") == "zh" else "en"


def problem_body(request: Request | None, error: RoostError, instance: str = "") -> dict[str, Any]:
    """Return the content of a problem; `instance` is by default the path of the request."""
    chinese = language_of(request) == "zh"
    body: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": error.title_zh if chinese else error.title,
        "status": error.status,
        "detail": error.message_zh if chinese else error.message,
        "instance": instance or (request.url.path if request else ""),
    }
    if error.fields:
        body["errors"] = [_field_body(each, chinese=chinese) for each in error.fields]
    return {**error.extensions, **body}


def _field_body(error: FieldError, *, chinese: bool) -> dict[str, Any]:
    """Return one entry of `errors`; `start` and `end` mark the words at fault, if it is a part."""
    body: dict[str, Any] = {
        "field": error.field,
        "message": (error.message_zh or error.message) if chinese else error.message,
    }
    if error.span is not None:
        body["start"], body["end"] = error.span
    return body


async def _answer_roost_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RoostError)
    if isinstance(error, SearchRefused):  # a fault of ours, since endpoints check what they search
        _log.warning("search_refused", route=_route_of(request), why=error.details)
    return problem(request, _without_details(error))


def _without_details(error: RoostError) -> RoostError:
    """Return an error that names no settings or servers, if this one is for operators."""
    if not isinstance(error, Fatal):
        return error
    _log.error("request_impossible", error=type(error).__name__)
    shown = RoostError(error.title, error.title_zh)
    shown.status, shown.slug, shown.title, shown.title_zh = (
        error.status,
        error.slug,
        error.title,
        error.title_zh,
    )
    return shown


def _route_of(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "")


async def _answer_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(request, in_words(error.errors()))


def in_words(found: Sequence[Any]) -> Invalid:
    """Return the error for Pydantic's findings, with every field in both languages."""
    fields = tuple(field_error(_path(each["loc"]), each) for each in found)
    kind = Malformed if any(each["type"] == "json_invalid" for each in found) else Invalid
    first = fields[0]
    return kind(
        f"{first.field}: {first.message}", f"{first.field}：{first.message_zh}", fields=fields
    )


def _path(location: tuple[Any, ...]) -> str:
    steps = [str(step) for step in location if step not in {"body", "query", "path", "header"}]
    return ".".join(steps) or "(body)"


async def _answer_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    words = HTTP_STATUS_ZH.get(error.status_code, "请求有误")
    answered = RoostError(str(error.detail), words)
    answered.status, answered.slug, answered.title = error.status_code, "http", str(error.detail)
    answered.title_zh = words
    answered.headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answered.headers = {"allow": ", ".join(_allowed_methods(request))}
    return problem(request, answered)


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods that a path takes: of all its routes, not of the first that matches."""
    routes = request.app.router.routes

    def is_taken(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(each.matches(scope)[0] is Match.FULL for each in routes)

    return [method for method in METHODS if is_taken(method)]


class UnhandledErrorMiddleware:
    """Turns an unhandled exception into a problem, and logs its type and place only.

    Without it the server would log the message, which may hold personal data, and answer without
    the security headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def track_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, track_send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            answer = _answer_unhandled(Request(scope), error)
            if not started:  # otherwise the server cuts the unfinished connection
                await answer(scope, receive, send)


def _answer_unhandled(request: Request, error: Exception) -> JSONResponse:
    """Return the problem of an exception; a caller who left before the end of the body is none."""
    if isinstance(error, ClientDisconnect):
        left = BadRequest(
            "The connection was closed before the whole body had arrived.",
            "连接在请求内容传完之前已断开。",
        )
        return problem(request, left)
    return _internal_error(request, error)


def _internal_error(request: Request, error: Exception) -> JSONResponse:
    """Log an unhandled exception; return a problem that names the request id for support."""
    route = _route_of(request)
    id = getattr(request.state, "request_id", "")
    _log.error(
        "request_failed",
        route=route,
        error=type(error).__name__,
        at=place_of(error),
        request_id=id,
    )
    return problem(
        request,
        RoostError(f"Internal error (logged as {id}).", f"系统内部错误（记录编号：{id}）。"),
    )
