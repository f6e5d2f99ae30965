"""Refusal of a write that its route does not permit, before its body is read.

FastAPI reads a body before it resolves the dependencies that require a permission. This middleware
resolves the permissions of the API's writing routes first; the routes require them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, APIRouter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.requirements import PermissionRequirement
from api.guards.body_limits import BODILESS
from api.guards.form_paths import accepts_forms
from api.guards.problem_responses import problem
from roost.errors import RoostError


@dataclass(frozen=True, slots=True)
class WritingRoute:
    """A route that changes something, and the permissions that it requires."""

    route: APIRoute
    pattern: re.Pattern[str]
    methods: frozenset[str]
    requirements: tuple[PermissionRequirement, ...]


class RoutePermissionMiddleware:
    """Answers a write without its route's permission before the body is read."""

    def __init__(self, app: ASGIApp, router: APIRouter) -> None:
        self._app = app
        self._router = router
        self._routes: Sequence[WritingRoute] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS or accepts_forms(scope["path"]):
            await self._app(scope, receive, send)
            return
        if self._routes is None:  # all routers are included once requests arrive
            self._routes = tuple(_writing(self._router))
        for each in self._routes:
            found = each.pattern.match(scope["path"])
            if found is None or scope["method"] not in each.methods:
                continue
            try:
                for requirement in each.requirements:
                    await requirement(Request(scope))
            except RoostError as error:
                # The audit names the route of a refused write.
                scope["route"], scope["path_params"] = each.route, found.groupdict()
                await problem(Request(scope), error)(scope, receive, send)
                return
            break
        await self._app(scope, receive, send)


def _writing(router: APIRouter) -> Iterator[WritingRoute]:
    """Yield the writing routes of a router and of the routers that it includes, in order."""
    for each in router.routes:
        if isinstance(each, APIRoute):
            methods = frozenset(each.methods or ()) - BODILESS
            if methods:
                requirements = tuple(_requirements(each.dependant))
                yield WritingRoute(each, each.path_regex, methods, requirements)
        elif (inner := getattr(each, "original_router", None)) is not None:
            yield from _writing(inner)


def _requirements(dependant: Any) -> Iterator[PermissionRequirement]:
    for each in dependant.dependencies:
        if isinstance(each.call, PermissionRequirement):
            yield each.call
        yield from _requirements(each)
