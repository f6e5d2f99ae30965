"""What a form sends, and what is wrong with it, each error beside its field."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from api.console.shell.rendering import spoken
from api.guards.problem_responses import in_words
from roost.errors import Invalid, Refused, RoostError
from roost.events.common import Model

T = TypeVar("T")
M = TypeVar("M", bound=Model)


async def fields_of(request: Request) -> dict[str, str]:
    """What was typed, by field, as it was typed; files are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def taken(doing: Awaitable[T]) -> T | Invalid | Refused:
    """What it comes to, or what whoever filled in the form can mend; anything else is raised."""
    try:
        return await doing
    except (Invalid, Refused) as error:
        return error


def filled(model: type[M], values: Mapping[str, Any]) -> M:
    """A form's values as one of ours. Raises Invalid that names each field in both languages."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise in_words(error.errors()) from None


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows again: what was typed, and what is wrong with it."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    summary: str = ""
    """What is wrong with the whole, when it is no single field."""

    def value(self, name: str) -> Any:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def blank(**values: Any) -> Form:
    return Form(values, {})


def again(request: Request, values: Mapping[str, Any], error: RoostError) -> Form:
    """The form as it was sent, with the error in the reader's language."""
    chinese = spoken(request) == "zh"
    errors = {
        each.field: (each.message_zh or each.message) if chinese else each.message
        for each in error.fields
    }
    known = {name: text for name, text in errors.items() if name in values}
    summary = error.message_zh if chinese else error.message
    return Form(values, errors, "" if errors and errors == known else summary)
