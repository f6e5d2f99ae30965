"""Submission of forms: read by their layout, acted on, and shown again with the errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse

from api.console.shell.form_layout import Layout, Typed, beside
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import spoken
from api.guards.audit_middleware import REFUSED_WITH
from api.guards.conditional import ANYTHING, Expected, PreconditionFailed, tag
from roost.errors import FieldError, RoostError
from roost.events.common import Model

M = TypeVar("M", bound=Model)
T = TypeVar("T")
WAIT_S = 15.0
"""Longest wait in seconds until searches find a write, so that the next page shows it."""


async def submit_form(
    request: Request,
    layout: Layout,
    model: type[M],
    action: Callable[[M], Awaitable[T]],
    wire: Callable[[Layout, Typed], dict[str, Any]] = Layout.wire,
) -> T | Form:
    """Read a form, validate it as a model and pass it to the action.

    Returns the action's result, or the form with its errors if the person can correct them.
    """
    typed = await read_form(request, layout)

    async def act() -> T:
        return await action(checked(model, wire(layout, typed)))

    outcome = await catch_refusal(act())
    return (
        refilled_form(request, layout, typed, outcome)
        if isinstance(outcome, RoostError)
        else outcome
    )


async def read_form(request: Request, layout: Layout) -> Typed:
    """Return the values of a submitted form."""
    return layout.typed(await request.form())


def form_with_faults(
    request: Request, layout: Layout, typed: Typed, faults: Iterable[FieldError]
) -> Form:
    """Return the form as submitted, with each fault at its field, in the reader's language."""
    near, rest = beside(layout, faults, spoken(request))
    return Form(typed, near, " ".join(rest))


def refilled_form(request: Request, layout: Layout, typed: Typed, error: RoostError) -> Form:
    """Return the form as submitted, with each error at its field, in the reader's language."""
    whole = (FieldError("(body)", error.message, error.message_zh),)
    return form_with_faults(request, layout, typed, error.fields or whole)


def redirect_done(where: str, what: str) -> RedirectResponse:
    """Redirect to a page that confirms the action: text `people.done.<what>`."""
    mark = "&" if "?" in where else "?"
    return RedirectResponse(f"{where}{mark}done={what}", 303)


def redirect_refused(
    request: Request, where: str, what: str, error: RoostError
) -> RedirectResponse:
    """Redirect to a page that reports the refusal as `redirect_done` does; it is audited as one."""
    setattr(request.state, REFUSED_WITH, error.status)
    return redirect_done(where, what)


def expected_version(version: Any) -> Expected:
    """Return the version that a form was filled in on; an edit of any other is refused."""
    text = version if isinstance(version, str) else ""
    return Expected(frozenset({tag(text)})) if text.isdigit() else ANYTHING


def faults_of(error: RoostError) -> tuple[FieldError, ...]:
    """Return an error by field; one without fields becomes an error of the whole form."""
    if isinstance(error, PreconditionFailed):
        return (
            FieldError(
                "(body)",
                "Somebody else has changed it since you opened it; open it again and edit that.",
                "您打开后内容已被他人修改，请重新打开后再编辑。",
            ),
        )
    return error.fields or (FieldError("(body)", error.message, error.message_zh),)
