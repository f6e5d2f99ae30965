"""The pages that belong to no feature: home, the language, and nowhere."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console import navigation
from api.console.forms import fields_of
from api.console.language import COOKIE, LANGUAGES
from api.console.rendering import known, page

router = APIRouter(include_in_schema=False)
YEAR_S = 31_536_000
SIGN_IN = "/console/sign-in"


@router.get("/")
@router.get("/console")
async def home(request: Request) -> Response:
    who = known(request)
    return RedirectResponse(navigation.home(who) if who else SIGN_IN, 303)


@router.get(navigation.NOWHERE)
async def nowhere(request: Request) -> Response:
    return page(request, "nowhere.html")


@router.post("/console/language")
async def choose_language(request: Request) -> Response:
    sent = await fields_of(request)
    answer = RedirectResponse(own_path(sent.get("next", "")), 303)
    if sent.get("language") in LANGUAGES:
        answer.set_cookie(
            COOKIE, sent["language"], max_age=YEAR_S, path="/", httponly=True, samesite="lax"
        )
    return answer


def own_path(said: str) -> str:
    """A path of ours that somebody may be sent on to; home for anything else."""
    ours = said.startswith("/") and not said.startswith(("//", "/\\"))
    return said if ours and said.isprintable() and "\\" not in said else "/"
