"""Filling in a form: what was sent by its layout, and the form again with what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse

from api.console.forms import Form
from api.console.rendering import spoken
from api.console.wire import Layout, Typed, beside
from roost.errors import Invalid, NotFound, Refused, RoostError

T = TypeVar("T")
WAIT_S = 5.0
"""For so long a write waits to be seen, so that the page after it shows it."""


async def typed_in(request: Request, layout: Layout) -> Typed:
    return layout.typed(await request.form())


async def tried(doing: Awaitable[T]) -> tuple[T | None, RoostError | None]:
    """What it answers, or what whoever filled in the form can mend; the rest is raised."""
    try:
        return await doing, None
    except NotFound:
        raise
    except (Invalid, Refused) as error:
        return None, error


def again(request: Request, layout: Layout, typed: Typed, error: RoostError) -> Form:
    """The form as it was sent, each error at its field, in the reader's language."""
    language = spoken(request)
    near, rest = beside(layout, error.fields, language)
    if not near and not rest:
        rest = [error.message_zh if language == "zh" else error.message]
    return Form(typed, near, " ".join(rest))


def done(where: str, what: str) -> RedirectResponse:
    """On to a page that says what was done: `people.done.<what>`."""
    mark = "&" if "?" in where else "?"
    return RedirectResponse(f"{where}{mark}done={what}", 303)
