"""The pages that belong to no feature: home, the language, and nowhere."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

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


@router.get("/")
@router.get("/console")
async def home(who: Who) -> Response:
    return RedirectResponse(navigation.home(who), 303)


@router.get(navigation.NOWHERE)
async def nowhere(request: Request, who: Who) -> Response:
    return page(request, "nowhere.html")


@router.post("/console/language")
async def choose(request: Request, given: Given) -> Response:
    sent = await fields_of(request)
    answer = RedirectResponse(own_path(sent.get("next", "")), 303)
    if (chosen := sent.get("language", "")) in LANGUAGES:
        keep_language(answer, chosen)
        if (who := known(request)) is not None and not who.is_key:
            await choose_language(given, who, chosen)
    return answer


def keep_language(answer: Response, language: str) -> None:
    answer.set_cookie(COOKIE, language, max_age=YEAR_S, path="/", httponly=True, samesite="lax")


def own_path(said: str) -> str:
    """A path of ours that somebody may be sent on to; home for anything else."""
    ours = said.startswith("/") and not said.startswith(("//", "/\\"))
    return said if ours and said.isprintable() and "\\" not in said else "/"
