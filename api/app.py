"""The API's composition root: what it is made of, and nothing that connects at import."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import errors, health, told
from api.dependencies import Services
from api.inbox import endpoints as inbox
from api.limits import Limits
from api.live import Live
from api.matches import endpoints as matches
from api.notices import endpoints as notices
from api.notifications import endpoints as notifications
from api.openings import endpoints as openings
from api.preferences import endpoints as preferences
from api.profiles import endpoints as profiles
from api.stations import endpoints as stations
from api.stop import endpoints as stop
from api.stop import page as stop_page
from api.templates import endpoints as templates
from api.webhooks import endpoints as webhooks
from producers.publisher import Publisher
from roost import links
from roost.clock import SystemClock
from roost.connections import brokers_of, node_of
from roost.errors import RoostError
from roost.keys import county_key
from roost.settings import Settings
from roost.topics import DELIVERIES, MATCHES
from roost.views.elastic import Elastic

PROBLEMS = {
    status: {"description": title, "content": {errors.MEDIA: {}}}
    for status, title in (
        (400, "Not JSON"),
        (404, "No such thing"),
        (409, "Conflict"),
        (413, "Too large"),
        (415, "Not JSON by its type"),
        (422, "Not valid: each field is named"),
        (503, "A server is away: try again"),
    )
}


def create_app(settings: Settings) -> FastAPI:
    """Raises RoostError for an address that is not loopback: there are no keys yet."""
    check_loopback(settings.api_host)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        publisher = Publisher(brokers_of(settings))
        elastic = Elastic(node_of(settings))
        live = Live(brokers_of(settings), MATCHES, told.of_match)
        live_inbox = Live(brokers_of(settings), DELIVERIES, told.of_delivery)
        live.start()
        live_inbox.start()
        app.state.services = Services(
            settings, publisher, elastic, live, live_inbox, SystemClock(), county_key(settings)
        )
        yield
        await live_inbox.close()
        await live.close()
        await elastic.close()
        publisher.close()

    app = FastAPIOffline(  # its pages load nothing from elsewhere
        title="Roost",
        version="1",
        summary="Job matching for public employment services",
        lifespan=lifespan,
        responses=PROBLEMS,
    )
    errors.install(app)
    stop_page.install(app)
    app.add_middleware(Limits, most_bytes=settings.body_limit, forms=(f"{links.PATH}/",))
    for part in (
        openings,
        profiles,
        preferences,
        stop,
        inbox,
        stations,
        matches,
        notices,
        notifications,
        templates,
        webhooks,
        health,
    ):
        app.include_router(part.router)
    return app


def check_loopback(host: str) -> None:
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise RoostError(
            f"ROOST_API_HOST is {host}, and without keys and roles the API answers on loopback "
            "only; write 127.0.0.1 (a reverse proxy with its own access control may stand before)."
        )
