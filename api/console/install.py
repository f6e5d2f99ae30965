"""What the API's composition root takes of the console: its routes and what stands around them."""

from __future__ import annotations

from fastapi import FastAPI

from api.console import assets, pages
from api.console.match import pages as match
from api.console.middleware import Console
from api.console.queue import pages as queue
from api.console.sign_in import pages as sign_in

ROUTERS = (assets.router, pages.router, sign_in.router, queue.router, match.router)


def install(app: FastAPI) -> None:
    """To be called last: its middleware stands outside of all others."""
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Console)
