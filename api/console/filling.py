"""Filling in a form: what was sent by its layout, and the form again with what is wrong."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse

from api.console.forms import Form
from api.console.rendering import spoken
from api.console.wire import Layout, Typed, beside
from roost.errors import RoostError

WAIT_S = 15.0
"""For so long a write waits to be seen, so that the page after it shows it."""


async def typed_in(request: Request, layout: Layout) -> Typed:
    return layout.typed(await request.form())


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
