"""Walk of the application's routes and the permissions that they require."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute, APIRouter

from api.access.requirements import PermissionRequirement, SignedInRequirement
from api.app import create_app
from api.guards.open_paths import DOCS
from roost.settings import Settings


def routes() -> list[APIRoute]:
    """Return all routes but those of the documentation pages, which a library adds."""
    app = create_app(Settings())
    return [each for each in _within(app.router) if not each.path.startswith(DOCS)]


def _within(router: APIRouter) -> Iterator[APIRoute]:
    """Yield the routes of a router and of the routers that it includes."""
    for each in router.routes:
        if isinstance(each, APIRoute):
            yield each
        elif (inner := getattr(each, "original_router", None)) is not None:
            yield from _within(inner)


def allowed(route: APIRoute) -> list[PermissionRequirement]:
    """Return the permissions that a route requires, anywhere in its dependencies."""
    return [each for each in _calls(route.dependant) if isinstance(each, PermissionRequirement)]


def known(route: APIRoute) -> bool:
    """Return whether the route is for every signed-in caller, without a permission."""
    return not allowed(route) and any(
        isinstance(each, SignedInRequirement) for each in _calls(route.dependant)
    )


def _calls(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
