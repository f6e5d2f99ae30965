"""Pages of help: what the pages of the reader's menu are for, and the steps of a first day."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.requirements import Who
from api.console.help.first_day import cookie_with, steps_of, ticked
from api.console.shell.browser_pages import YEAR_S
from api.console.shell.forms import fields_of
from api.console.shell.navigation import FIRST_DAY as COOKIE
from api.console.shell.navigation import items
from api.console.shell.rendering import page

router = APIRouter(prefix="/console/help", include_in_schema=False)
FIRST_DAY = "/console/help/first-day"
About = Annotated[str, Query(max_length=40)]


@router.get("")
async def show_help(request: Request, who: Who, about: About = "") -> Response:
    """Show what each page of the reader's menu is for; `about` is open and first."""
    menu = {each.name: each.href for each in items(who)}
    chosen = about if about in menu else ""
    ordered = sorted(menu, key=lambda name: name != chosen)
    return page(
        request,
        "help/page.html",
        topics=ordered,
        chosen=chosen,
        hrefs=menu,
        first_day=bool(steps_of(who.role)),
    )


@router.get("/first-day")
async def show_first_day(request: Request, who: Who) -> Response:
    """Show the steps of a first day, with those that the reader has ticked off."""
    steps = steps_of(who.role)
    done_steps = ticked(request.cookies.get(COOKIE, ""), who.role)
    return page(request, "help/first_day.html", steps=steps, done_steps=done_steps)


@router.post("/first-day")
async def tick_step(request: Request, who: Who) -> Response:
    """Tick a step off, or take the tick back; it is kept in this browser."""
    sent = await fields_of(request)
    before = request.cookies.get(COOKIE, "")
    after = cookie_with(before, who.role, sent.get("step", ""), done=bool(sent.get("done")))
    answer = RedirectResponse(FIRST_DAY, 303)
    answer.set_cookie(COOKIE, after, max_age=YEAR_S, path="/", httponly=True, samesite="lax")
    return answer
