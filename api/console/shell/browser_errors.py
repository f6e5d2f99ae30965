"""Middleware of the console's paths: language, compression, and problems as pages.

Endpoints and middleware refuse with a problem (RFC 9457). The console shows it as a page, and as a
message if the request came from a button on a page.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.refusals import PasswordToChange, SecondFactorToEnrol
from api.console.shell.browser_pages import PASSWORD, SECOND_FACTOR, SIGN_IN
from api.console.shell.refusal_words import problem_text
from api.console.shell.rendering import page, path_of, spoken, wants_part, where
from api.guards.problem_responses import MEDIA

PATHS = ("/console",)
OF_THE_PROBLEM = frozenset({"content-type", "content-length", "content-language", "vary"})
"""Headers of a problem that do not apply to the page made of it."""
AS_MESSAGE = {"hx-retarget": "#toasts", "hx-reswap": "beforeend"}


class ConsoleMiddleware:
    """Compresses the console's answers and shows problems as pages; other paths pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._zipped = GZipMiddleware(self._answer, minimum_size=1_000, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and (scope["path"] == "/" or scope["path"].startswith(PATHS))
        await (self._zipped if ours else self._plain)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass other answers on part by part, so that live events are not delayed."""
        request = Request(scope)
        MutableHeaders(scope=scope)["accept-language"] = spoken(request)
        await self._plain(scope, receive, _ProblemPages(request, send).forward)


class _ProblemPages:
    """Replaces a problem by a page; other answers pass unchanged."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def forward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if kind.startswith(MEDIA):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._show(self._start, json.loads(self._body))

    async def _show(self, start: Message, problem: dict[str, Any]) -> None:
        answer = _page_of(self._request, start["status"], problem)
        own = {name.lower() for name in answer.headers}
        for name, value in Headers(raw=start["headers"]).items():
            if name not in own | OF_THE_PROBLEM:
                answer.headers.append(name, value)
        await self._send(
            {
                "type": "http.response.start",
                "status": answer.status_code,
                "headers": answer.raw_headers,
            }
        )
        await self._send({"type": "http.response.body", "body": answer.body})


def _page_of(request: Request, status: int, problem: dict[str, Any]) -> Response:
    if status == 401:
        return _redirect_to(SIGN_IN, request)
    if problem.get("type") == f"/problems/{PasswordToChange.slug}":
        return _redirect_to(PASSWORD, request)
    if problem.get("type") == f"/problems/{SecondFactorToEnrol.slug}":
        return _redirect_to(SECOND_FACTOR, request)
    problem = problem | {"detail": problem_text(problem, spoken(request))}
    if wants_part(request):
        return page(
            request, "problem_toast.html", status=status, headers=AS_MESSAGE, problem=problem
        )
    return page(request, "problem.html", status=status, status_code=status, problem=problem)


def _redirect_to(page: str, request: Request) -> Response:
    """Redirect to a page that leads back to the current one."""
    current = request.headers.get("hx-current-url")
    back = URL(current) if current else None
    on = path_of(back) if back else where(request)
    address = f"{page}?next={quote(on)}"
    if wants_part(request):
        return Response(status_code=200, headers={"hx-redirect": address})
    return RedirectResponse(address, 303)
