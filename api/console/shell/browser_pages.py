"""Pages that belong to no feature: home, the choice of the language, and the empty menu."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access.local_paths import local_path
from api.access.requirements import Who
from api.console.shell import navigation
from api.console.shell.forms import fields_of
from api.console.shell.language import COOKIE, LANGUAGES
from api.console.shell.rendering import known, page
from api.guards.open_paths import SIGN_IN_PAGE
from api.me.service import choose_language
from api.ports.services import Given

router = APIRouter(include_in_schema=False)
YEAR_S = 31_536_000
SIGN_IN = SIGN_IN_PAGE
PASSWORD = "/console/password"
SECOND_FACTOR = "/console/account/second-factor"


@router.get("/")
@router.get("/console")
async def redirect_home(who: Who) -> Response:
    return RedirectResponse(navigation.home(who), 303)


@router.get(navigation.NOWHERE)
async def show_nowhere(request: Request, who: Who) -> Response:
    return page(request, "nowhere.html")


@router.post("/console/language")
async def set_language(request: Request, given: Given) -> Response:
    """Set the language in a cookie, and in the account of a signed-in person."""
    sent = await fields_of(request)
    answer = RedirectResponse(local_path(sent.get("next")), 303)
    if (chosen := sent.get("language", "")) in LANGUAGES:
        set_language_cookie(answer, chosen)
        if (who := known(request)) is not None and not who.is_key:
            await choose_language(given, who, chosen)
    return answer


def set_language_cookie(answer: Response, language: str) -> None:
    """Set the language of this browser for a year."""
    answer.set_cookie(COOKIE, language, max_age=YEAR_S, path="/", httponly=True, samesite="lax")
