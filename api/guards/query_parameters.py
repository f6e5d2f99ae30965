"""Refusal of query parameters that a route does not know, or takes only once.

A misspelt filter would otherwise filter nothing, and of a repeated one the last value alone would
count: the caller would take the answer for the filtered list. The console's pages and links in
messages are exempt: browsers, gateways and identity providers append parameters that they need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

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
COLLECTIONS = (list, tuple, set, frozenset, Sequence)


class UnknownParameter(BadRequest):
    """The query has a parameter that the route does not know."""

    slug = "unknown-parameter"
    title = "Unknown query parameter"
    title_zh = "未知的查询参数"


class RepeatedParameter(BadRequest):
    """The query has several values of a parameter that takes one."""

    slug = "repeated-parameter"
    title = "Repeated query parameter"
    title_zh = "重复的查询参数"


async def check_query_parameters(request: Request) -> None:
    """Raise UnknownParameter or RepeatedParameter for a query that the route does not take."""
    path = request.scope["path"]
    if not request.query_params or not path.startswith(CHECKED) or path.startswith(EXEMPT):
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return
    known = dict(_parameters(dependant))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        fields = tuple(_fault(name, sorted(known)) for name in unknown[:MOST_NAMED])
        first = fields[0]
        raise UnknownParameter(
            f"{first.field}: {first.message}", f"{first.field}：{first.message_zh}", fields=fields
        )
    _check_repeated(request, known)


def _check_repeated(request: Request, known: Mapping[str, bool]) -> None:
    counted = Counter(name for name, _ in request.query_params.multi_items())
    repeated = next((name for name, count in counted.items() if count > 1 and not known[name]), "")
    if repeated:
        message, message_zh = "takes one value; send it once", "只能有一个值，请勿重复"
        raise RepeatedParameter(
            f"{repeated}: {message}",
            f"{repeated}：{message_zh}",
            fields=(FieldError(repeated, message, message_zh),),
        )


def known_parameters(dependant: Dependant) -> frozenset[str]:
    """Return the names of a route's query parameters, those of its dependencies included."""
    return frozenset(name for name, _ in _parameters(dependant))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield each parameter and whether it takes several values."""
    for each in dependant.query_params:
        model = _model_of(each.field_info.annotation)
        if model is None:
            yield each.alias, _takes_several(each.field_info.annotation)
        else:
            for name, info in model.model_fields.items():
                yield info.alias or name, _takes_several(info.annotation)
    for dependency in dependant.dependencies:
        yield from _parameters(dependency)


def _takes_several(annotation: Any) -> bool:
    """Return whether an annotation is a collection, or allows one."""
    return any(
        (get_origin(each) or each) in COLLECTIONS for each in (annotation, *get_args(annotation))
    )


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
