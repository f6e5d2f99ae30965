"""Entry into the console after a sign-in: the session's cookie, and the page to continue at."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.access.known_browsers import set_opened_session
from api.access.sessions import OpenedSession
from api.console.shell import language
from api.console.shell.browser_pages import PASSWORD, SECOND_FACTOR, set_language_cookie
from api.guards.security_headers import clear_browser
from api.ports.services import Services
from api.sign_in import service


async def let_in(request: Request, given: Services, back: str, opened: OpenedSession) -> Response:
    """Give the browser its session; lead to what the account has to do first, then to `back`.

    Another person's session of the same browser ends: people share telephones.
    """
    account = service.account_of(given, opened)
    former = getattr(request.state, "session", None)
    another = former is not None and former.account_id != account.id
    if another:
        await service.sign_out(given, former)
    if service.must_enrol_second_factor(given, opened.session):
        back = f"{SECOND_FACTOR}?next={quote(back)}"
    if service.must_change_password(given, opened.session):
        back = f"{PASSWORD}?next={quote(back)}"
    answer = RedirectResponse(back, 303)
    set_opened_session(answer, given, account, opened)
    if another:
        clear_browser(answer)
    if language.COOKIE not in request.cookies:
        set_language_cookie(answer, account.language)
    return answer
