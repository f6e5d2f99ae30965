"""Filling in a form: what was sent by its layout, and the form again with what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse

from api.console.shell.form_layout import Layout, Typed, beside
from api.console.shell.forms import Form
from api.console.shell.rendering import spoken
from api.guards.conditional import ANYTHING, Expected, PreconditionFailed, tag
from roost.errors import FieldError, RoostError

WAIT_S = 15.0
"""For so long a write waits to be seen, so that the page after it shows it."""


async def typed_in(request: Request, layout: Layout) -> Typed:
    return layout.typed(await request.form())


def with_faults(
    request: Request, layout: Layout, typed: Typed, faults: Iterable[FieldError]
) -> Form:
    """Return the form as it was sent, with each fault at its field, in the reader's language."""
    near, rest = beside(layout, faults, spoken(request))
    return Form(typed, near, " ".join(rest))


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


def read_at(version: Any) -> Expected:
    """What a form was filled in on: an edit of something that has changed since is refused."""
    said = version if isinstance(version, str) else ""
    return Expected(frozenset({tag(said)})) if said.isdigit() else ANYTHING


def faults_of(error: RoostError) -> tuple[FieldError, ...]:
    """An error by its fields, or as one of the whole."""
    if isinstance(error, PreconditionFailed):
        return (
            FieldError(
                "(body)",
                "Somebody else has changed it since you opened it; open it anew and edit that.",
                "您打开后内容已被他人修改，请重新打开后再编辑。",
            ),
        )
    return error.fields or (FieldError("(body)", error.message, error.message_zh),)
