"""The one place where an error becomes a status and an RFC 9457 problem, in the reader's language.

What was sent is never repeated: it may hold personal data, or characters that cannot be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.errors import FieldError, Invalid, RoostError, Transient
from roost.logs import place_of

_log = structlog.get_logger(__name__)
MEDIA = "application/problem+json"
RETRY_AFTER_S = "5"

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
    """The body is not JSON at all."""

    status = 400
    slug = "malformed"
    title = "The body is not valid JSON"
    title_zh = "请求内容不是有效的 JSON"


def install(app: FastAPI) -> None:
    app.add_exception_handler(RoostError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)


def problem(request: Request | None, error: RoostError, instance: str = "") -> JSONResponse:
    """The problem document of an error."""
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


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RoostError)
    return problem(request, error)


async def _not_valid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(request, in_words(error.errors()))


def in_words(found: Sequence[Any]) -> Invalid:
    """Pydantic's findings as an error of ours, each field named in both languages."""
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


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    made = RoostError(str(error.detail))
    made.status, made.slug, made.title = error.status_code, "http", str(error.detail)
    made.title_zh = made.title
    return problem(request, made)


class Unfailing:
    """What nobody caught becomes an answer here: behind it the server would log its words, which
    may hold personal data, and answer without our headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http":
                raise
            answer = await _unknown(Request(scope), error)
            if not begun:  # else it stays unfinished, and the server cuts the connection
                await answer(scope, receive, send)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    route = getattr(request.scope.get("route"), "path", "")
    _log.error("request_failed", route=route, error=type(error).__name__, at=place_of(error))
    return problem(
        request, RoostError("Internal error; it has been logged.", "系统内部错误，已记录。")
    )
