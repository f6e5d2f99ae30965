"""Authenticates every request once: by a key in `Authorization`, or by a session's cookie.

`request.state.principal` is who asks, `request.state.session` the session if there is one. Without
either, only what is on the list of open paths is answered.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import forgery, sessions
from api.access.identity_changes import change
from api.access.principal import Principal, of_account, of_key
from api.access.refusals import NotCaughtUp, unauthenticated
from api.guards.open_paths import SIGN_IN_PAGE, is_open
from api.guards.problem_responses import problem
from api.ports.services import Services
from roost.errors import RoostError
from roost.events.session import Session
from roost.security import api_keys

_log = structlog.get_logger(__name__)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Authenticate:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._touching: dict[str, asyncio.Task[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            receive = await self._admitted(request, receive)
        except RoostError as error:
            await _refusal(request, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admitted(self, request: Request, receive: Receive) -> Receive:
        """What the application receives. Raises Unauthenticated, Forged, NotCaughtUp."""
        given: Services = request.app.state.services
        free = is_open(request.scope["path"], given.settings.docs_are_open)
        if not given.identities.caught_up:
            if free:
                return receive
            raise NotCaughtUp
        who, session = _known(given, request)
        if who is None:
            if free:
                return receive
            raise unauthenticated()
        if session is not None:
            self._touch(given, session)
            if request.method not in forgery.SAFE and not free:
                receive = await _checked(given, request, session, receive)
        request.state.principal, request.state.session = who, session
        request.state.still = lambda: _known(given, request)[0] == who
        return receive

    def _touch(self, given: Services, session: Session) -> None:
        """Notes that it is used, beside the request: nobody waits for it."""
        now = given.clock.now()
        if sessions.touched(session, now) is session or session.id in self._touching:
            return

        async def touch() -> None:
            try:
                await change(
                    given.publisher,
                    given.identities.sessions,
                    session.id,
                    lambda standing: sessions.touched(standing, now),
                    now,
                )
            except RoostError as error:  # it stays as old as it was, and is tried again
                _log.warning("session_not_touched", error=type(error).__name__)
            finally:
                self._touching.pop(session.id, None)

        self._touching[session.id] = asyncio.create_task(touch())


def _known(given: Services, request: Request) -> tuple[Principal | None, Session | None]:
    if "authorization" in request.headers:
        return _by_key(given, request.headers["authorization"]), None
    return _by_cookie(given, request)


def _by_key(given: Services, header: str) -> Principal | None:
    kind, _, text = header.partition(" ")
    found = api_keys.parse_key(text.strip()) if kind.lower() == "bearer" else None
    if found is None:
        return None
    key = given.identities.keys.get(found[0])
    if key is None or not api_keys.in_force(key, found[1], given.clock.now()):
        return None
    return of_key(key)


def _by_cookie(given: Services, request: Request) -> tuple[Principal | None, Session | None]:
    token = request.cookies.get(sessions.cookie_name(given.settings))
    if not token:
        return None, None
    session = given.identities.sessions.get(sessions.id_of(token))
    account = given.identities.accounts.get(session.account_id) if session else None
    now = given.clock.now()
    if account is None or not sessions.in_force(session, account, token, now, given.settings):
        return None, None
    return of_account(account), session


async def _checked(
    given: Services, request: Request, session: Session, receive: Receive
) -> Receive:
    """Raises Forged; else what to receive: a form has been read for its token, and is replayed."""
    forgery.check_origin(request.headers, given.settings.public_url)
    sent = request.headers.get(forgery.HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(FORMS):
        body = await request.body()
        form = await request.form()
        value = form.get(forgery.FIELD)
        sent = value if isinstance(value, str) else None
        receive = _replayed(body, receive)
    forgery.check_token(sent, sessions.csrf_token(given.key, session))
    return receive


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _refusal(request: Request, error: RoostError) -> ASGIApp:
    """A problem; or for a browser that wants a page, the page on which one signs in."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.status == 401 and wants_page and not request.url.path.startswith("/v1/"):
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        return RedirectResponse(f"{SIGN_IN_PAGE}?next={back}", 303)
    return problem(request, error)
