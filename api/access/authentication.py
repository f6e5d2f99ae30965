"""Authentication of every request: by a key in `Authorization`, or by a session cookie.

Sets `request.state.principal`, and `request.state.session` if there is a session. Without a
principal, only the open paths (`api.guards.open_paths`) are answered.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import forgery, sessions
from api.access.client_address import origin_of
from api.access.identity_changes import change
from api.access.principal import Principal, principal_of_account, principal_of_key
from api.access.refusals import NotCaughtUp, unauthenticated
from api.access.second_factors import must_enrol
from api.access.security_events import note_refused
from api.guards.body_replay import replayed_body
from api.guards.form_charsets import check_form_charset
from api.guards.form_paths import accepts_forms
from api.guards.open_paths import SIGN_IN_PAGE, is_open, is_sign_in
from api.guards.problem_responses import problem
from api.ports.services import Services
from roost.errors import Invalid, RoostError
from roost.events.account import ApiKey
from roost.events.audit import SecurityEventKind as Kind
from roost.events.session import Session
from roost.security import api_keys

_log = structlog.get_logger(__name__)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class AuthenticationMiddleware:
    """Identifies the caller, and refuses a request without one outside the open paths."""

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
        """Return the `receive` of the application.

        Raises Unauthenticated, Forged, NotCaughtUp.
        """
        given: Services = request.app.state.services
        if is_sign_in(request.scope["path"]) and request.method not in forgery.SAFE:
            _check_origin(given, request)
        open_path = is_open(request.scope["path"], given.settings.docs_are_open)
        if not given.identities.caught_up:
            if open_path:
                return receive
            raise NotCaughtUp
        who, session = _identified(given, request)
        if who is None:
            if open_path:
                return receive
            _note_refused_key(given, request)
            raise unauthenticated()
        if session is not None:
            self._touch(given, session)
            if request.method not in forgery.SAFE and not open_path:
                receive = await _protected(given, request, who, session, receive)
        request.state.principal, request.state.session = who, session
        request.state.still = lambda: _identified(given, request)[0] == who
        return receive

    def _touch(self, given: Services, session: Session) -> None:
        """Record the use of a session in the background, at most once a minute."""
        now = given.clock.now()
        if sessions.touched_session(session, now) is session or session.id in self._touching:
            return

        async def touch() -> None:
            try:
                await change(
                    given.publisher,
                    given.identities.sessions,
                    session.id,
                    lambda current: sessions.touched_session(current, now),
                    now,
                )
            except RoostError as error:  # the session keeps its old time; the next request retries
                _log.warning("session_touch_failed", error=type(error).__name__)
            finally:
                self._touching.pop(session.id, None)

        self._touching[session.id] = asyncio.create_task(touch())


def _identified(given: Services, request: Request) -> tuple[Principal | None, Session | None]:
    if "authorization" in request.headers:
        return _by_key(given, request.headers["authorization"]), None
    return _by_cookie(given, request)


def _by_key(given: Services, header: str) -> Principal | None:
    found = _presented_key(given, header)
    if found is None or found.key is None or found.refused is not None:
        return None
    return principal_of_key(found.key)


@dataclass(frozen=True, slots=True)
class _PresentedKey:
    """Key that a header presents, and why it is refused; `id` only of a key that exists or did."""

    key: ApiKey | None
    id: str | None
    refused: str | None


def _presented_key(given: Services, header: str) -> _PresentedKey | None:
    """Return the key of an Authorization header; None for another scheme or text."""
    kind, _, text = header.partition(" ")
    parsed = api_keys.parse_key(text.strip()) if kind.lower() == "bearer" else None
    if parsed is None:
        return None
    entry = given.identities.keys.entry(parsed[0])
    if entry.value is None:
        revoked = entry.at >= 0
        return _PresentedKey(None, parsed[0] if revoked else None, "revoked" if revoked else "id")
    refused = api_keys.refusal(entry.value, parsed[1], given.clock.now())
    return _PresentedKey(entry.value, entry.value.id, refused)


def _note_refused_key(given: Services, request: Request) -> None:
    """Record a refused key in the audit log; a request without one is no event."""
    if "authorization" not in request.headers:
        return
    found = _presented_key(given, request.headers["authorization"])
    cause = "not-a-key" if found is None else found.refused or "id"
    note_refused(
        given,
        Kind.KEY_REFUSED,
        cause,
        origin_of(request),
        id=found.id if found else None,
        status=401,
    )


def _by_cookie(given: Services, request: Request) -> tuple[Principal | None, Session | None]:
    token = request.cookies.get(sessions.cookie_name(given.settings))
    if not token:
        return None, None
    session = given.identities.sessions.get(sessions.session_id_of(token))
    account = given.identities.accounts.get(session.account_id) if session else None
    if session is None or account is None or not sessions.has_token(session, token):
        return None, None
    if not sessions.is_active(session, account, given.clock.now(), given.settings):
        return None, None
    to_enrol = must_enrol(account, session, given.settings)
    return principal_of_account(account, must_enrol=to_enrol), session


async def _protected(
    given: Services, request: Request, who: Principal, session: Session, receive: Receive
) -> Receive:
    """Check that a write comes from our own page, and return the `receive` of the application.

    Only a form of a page is read for its token, and replayed; any other write carries the token in
    a header, so that it is refused before its body is read. Raises Forged, Invalid.
    """
    _check_origin(given, request, who)
    sent = request.headers.get(forgery.HEADER)
    content_type = request.headers.get("content-type", "")
    is_form = content_type.lower().startswith(FORMS)
    if sent is None and is_form and accepts_forms(request.scope["path"]):
        check_form_charset(content_type)
        body = await request.body()
        sent = await _form_token(request)
        receive = replayed_body(body, receive)
    try:
        forgery.check_token(sent, sessions.csrf_token(given.key, session))
    except forgery.Forged:
        _note_forged(given, request, "token", who)
        raise
    return receive


async def _form_token(request: Request) -> str | None:
    """Return the token in a form's field. Raises Invalid if the form cannot be parsed."""
    try:
        async with request.form() as form:
            value = form.get(forgery.FIELD)
    except (HTTPException, LookupError, ValueError) as error:
        raise Invalid(
            "(body): the form cannot be read; open the page again and send it from there",
            "表单内容无法解析，请重新打开页面后提交",
        ) from error
    return value if isinstance(value, str) else None


def _check_origin(given: Services, request: Request, who: Principal | None = None) -> None:
    """Raise Forged for a write that another site's page sends; record it in the audit log."""
    try:
        forgery.check_origin(request.headers, given.settings.public_url)
    except forgery.Forged:
        _note_forged(given, request, "origin", who)
        raise


def _note_forged(given: Services, request: Request, cause: str, who: Principal | None) -> None:
    note_refused(given, Kind.FORGED_WRITE, cause, origin_of(request), who, status=403)


def _refusal(request: Request, error: RoostError) -> ASGIApp:
    """Return a problem, or a redirect to the sign-in page for a browser that wants a page."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.status == 401 and wants_page and not request.url.path.startswith("/v1/"):
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        return RedirectResponse(f"{SIGN_IN_PAGE}?next={back}", 303)
    return problem(request, error)
