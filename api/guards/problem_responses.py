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
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.errors import Fatal, FieldError, Invalid, RoostError, Transient
from roost.logs import place_of
from roost.views.answers import SearchRefused

_log = structlog.get_logger(__name__)
MEDIA = "application/problem+json"
RETRY_AFTER_S = "5"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

WORDS_ZH = {
    "missing": "缺少必填项",
    "extra_forbidden": "未知字段，请删除",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文本",
    "string_too_short": "内容过短",
    "string_too_long": "内容过长",
    "string_pattern_mismatch": "格式不正确",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "enum": "不在可选值之内",
    "date_from_datetime_parsing": "日期格式应为 YYYY-MM-DD",
    "wage_range": "最低工资高于最高工资，请对调",
    "unprintable": "含有控制字符，请删除",
    "string_unicode": "含有无效字符",
    "time_zone": "未知时区，请写例如 Asia/Shanghai",
    "audience": "请填写 workerIds、stationIds 或 places",
    "words": "请填写中文、英文或两者的内容",
    "answer": "答复只能发给提出诉求的一名人员",
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
    language = request.headers.get("accept-language", "") if request else ""
    chinese = language.strip().lower().startswith("zh")
    body: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": error.title_zh if chinese else error.title,
        "status": error.status,
        "detail": error.message_zh if chinese else error.message,
        "instance": request.url.path if request else instance,
    }
    if error.fields:
        body["errors"] = [
            {
                "field": each.field,
                "message": (each.message_zh or each.message) if chinese else each.message,
            }
            for each in error.fields
        ]
    headers = {"content-language": "zh" if chinese else "en", "vary": "accept-language"}
    if isinstance(error, Transient):
        headers["retry-after"] = RETRY_AFTER_S
    headers |= error.headers
    return JSONResponse(body, error.status, headers, media_type=MEDIA)


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
    fields = tuple(
        FieldError(_path(each["loc"]), each["msg"], WORDS_ZH.get(each["type"], each["msg"]))
        for each in found
    )
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
    answered = RoostError(str(error.detail))
    answered.status, answered.slug, answered.title = error.status_code, "http", str(error.detail)
    answered.title_zh = answered.title
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
            answer = _internal_error(Request(scope), error)
            if not started:  # otherwise the server cuts the unfinished connection
                await answer(scope, receive, send)


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
