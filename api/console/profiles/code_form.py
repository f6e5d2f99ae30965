"""Form of the code that confirms an address, on the pages of workers and of employers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from fastapi import Request

from api.console.profiles.profile_form import ADDRESSED
from api.console.shell.form_answers import faults_of, form_with_faults, read_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.profiles.schemas import TypedCode
from api.writes.publishing import Written
from roost.errors import FieldError, RoostError
from roost.events.preferences import ChannelKind

LAYOUT = Layout(texts=tuple(f"code.{kind.value}" for kind in ADDRESSED))


async def submit_code(
    request: Request, kind: ChannelKind, confirm: Callable[[str], Awaitable[Written]]
) -> Written | RoostError:
    """Pass the code that was typed for the address of a kind to `confirm`; return its result.

    Returns the error, with its faults at the input of the code, if the person can correct it.
    """
    field = _field(kind)
    typed = await read_form(request, LAYOUT)

    async def confirming() -> Written:
        code = checked(TypedCode, {"code": str(typed.get(field, ""))})
        return await confirm(code.code.get_secret_value())

    return await catch_refusal(confirming())


def refused_form(request: Request, kind: ChannelKind, error: RoostError) -> Form:
    """Return the empty form with the faults, that of the code at the input of the kind."""
    return form_with_faults(request, LAYOUT, {}, _at_input(faults_of(error), _field(kind)))


def _at_input(faults: Iterable[FieldError], field: str) -> list[FieldError]:
    return [replace(each, field=field) if each.field == "code" else each for each in faults]


def _field(kind: ChannelKind) -> str:
    return f"code.{kind.value}"
