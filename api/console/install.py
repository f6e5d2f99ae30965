"""What the API's composition root takes of the console: its routes and what stands around them."""

from __future__ import annotations

from fastapi import FastAPI

from api.console import assets, pages
from api.console.account import pages as account
from api.console.admin import accounts, audit, keys, operations, stations
from api.console.employer import openings, shortlist, webhooks
from api.console.match import pages as match
from api.console.me import data, inbox, matches, telling
from api.console.middleware import Console
from api.console.notices import pages as notices
from api.console.overview import pages as overview
from api.console.profiles import pages as profiles
from api.console.queue import pages as queue
from api.console.sign_in import pages as sign_in

ROUTERS = (
    assets.router,
    pages.router,
    sign_in.router,
    queue.router,
    match.router,
    overview.router,
    openings.router,
    shortlist.router,
    webhooks.router,
    matches.router,
    inbox.router,
    telling.router,
    data.router,
    profiles.router,
    notices.router,
    account.router,
    accounts.router,
    keys.router,
    stations.router,
    audit.router,
    operations.router,
)


def install(app: FastAPI) -> None:
    """To be called last: its middleware stands outside of all others."""
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Console)
