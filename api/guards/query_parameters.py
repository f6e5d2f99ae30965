"""Refusal of query parameters that a route does not know.

A misspelt filter would otherwise filter nothing, and the caller would take the answer for the
filtered list. The console's pages and links in messages are exempt: browsers, gateways and identity
providers append parameters that they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from roost.contact import stop_links
from roost.errors import BadRequest, FieldError

CHECKED = ("/v1/", "/feeds/")
EXEMPT = ("/v1/sign-in/", f"{stop_links.PATH}/")
MOST_NAMED = 10
"""Most unknown parameters that one answer lists."""
LONGEST_NAME = 60


class UnknownParameter(BadRequest):
    """The query has a parameter that the route does not know."""

    slug = "unknown-parameter"
    title = "Unknown query parameter"
    title_zh = "未知的查询参数"


async def check_query_parameters(request: Request) -> None:
    """Raise UnknownParameter for a parameter that the route does not know."""
    path = request.scope["path"]
    if not request.query_params or not path.startswith(CHECKED) or path.startswith(EXEMPT):
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return
    known = known_parameters(dependant)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        fields = tuple(_fault(name, sorted(known)) for name in unknown[:MOST_NAMED])
        first = fields[0]
        raise UnknownParameter(
            f"{first.field}: {first.message}", f"{first.field}：{first.message_zh}", fields=fields
        )


def known_parameters(dependant: Dependant) -> frozenset[str]:
    """Return the names of a route's query parameters, those of its dependencies included."""
    return frozenset(_names(dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    for each in dependant.query_params:
        model = _model_of(each.field_info.annotation)
        if model is None:
            yield each.alias
        else:
            yield from (info.alias or name for name, info in model.model_fields.items())
    for dependency in dependant.dependencies:
        yield from _names(dependency)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model whose fields are parameters, if an annotation is one."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _fault(name: str, known: list[str]) -> FieldError:
    """Return the fault of an unknown parameter, with the nearest known one."""
    shown = "".join(each if each.isprintable() else "?" for each in name[:LONGEST_NAME])
    nearest = get_close_matches(name, known, 1, 0.5)
    if nearest:
        return FieldError(
            shown,
            f"is not a parameter of this path; did you mean {nearest[0]}?",
            f"不是该路径的参数，您是否指 {nearest[0]}？",
        )
    if known:
        return FieldError(
            shown,
            f"is not a parameter of this path; use {', '.join(known)}",
            f"不是该路径的参数，可用：{'、'.join(known)}",
        )
    return FieldError(shown, "is not a parameter; this path takes none", "该路径没有查询参数")
