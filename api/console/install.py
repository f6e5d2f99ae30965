"""What the API's composition root takes of the console: its routes and what stands around them."""

from __future__ import annotations

from fastapi import FastAPI

from api.console import assets, pages
from api.console.middleware import Console

ROUTERS = (assets.router, pages.router)


def install(app: FastAPI) -> None:
    """To be called last: its middleware stands outside of all others."""
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Console)
