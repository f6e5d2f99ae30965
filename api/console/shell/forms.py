"""A form on a page: the values typed in, the error of each field, and the error of the whole."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData

from roost.errors import Invalid, Refused

T = TypeVar("T")


async def fields_of(request: Request) -> dict[str, str]:
    """Return the texts of a submitted form by field, unchanged; files are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def new_seed() -> str:
    """Return a random text that makes the actions of one form one, however often it is sent."""
    return secrets.token_hex(16)


def texts_of(form: FormData, name: str) -> list[str]:
    """Return the different texts of a field that a form may hold several times, in their order."""
    texts = (each for each in form.getlist(name) if isinstance(each, str))
    return list(dict.fromkeys(texts))


async def catch_refusal(doing: Awaitable[T]) -> T | Invalid | Refused:
    """Return the result, or the error that the person at the form can correct.

    Any other error is raised.
    """
    try:
        return await doing
    except (Invalid, Refused) as error:
        return error


@dataclass(frozen=True, slots=True)
class Form:
    """Values and errors of a form; `summary` is the error that belongs to no field."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    summary: str = ""

    def value(self, name: str) -> Any:
        """Return the value of a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return the error of a field; empty if it has none."""
        return self.errors.get(name, "")

    def over(self, stored: Mapping[str, Any]) -> Form:
        """Return the form with stored values in the fields that were not submitted."""
        return Form({**stored, **self.values}, self.errors, self.summary)


def blank(**values: Any) -> Form:
    """Return a form without errors."""
    return Form(values, {})
