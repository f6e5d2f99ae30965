"""The API's composition root: what it is made of, and nothing that connects at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import errors, health, told
from api.accounts import endpoints as accounts
from api.console import install as console
from api.dependencies import Services
from api.identity.identities import following
from api.identity.middleware import Authenticate
from api.inbox import endpoints as inbox
from api.keys import endpoints as keys
from api.limits import Limits
from api.live import Live
from api.matches import endpoints as matches
from api.me import endpoints as me
from api.notices import endpoints as notices
from api.notifications import endpoints as notifications
from api.openings import endpoints as openings
from api.overview import endpoints as overview
from api.preferences import endpoints as preferences
from api.profiles import endpoints as profiles
from api.sign_in import endpoints as sign_in
from api.stations import endpoints as stations
from api.stop import endpoints as stop
from api.stop import page as stop_page
from api.templates import endpoints as templates
from api.webhooks import endpoints as webhooks
from producers.publisher import Publisher
from roost import links
from roost.clock import SystemClock
from roost.keys import county_key
from roost.settings import Settings
from roost.topics import DELIVERIES, MATCHES
from roost.views.elastic import Elastic

PROBLEMS = {
    status: {"description": title, "content": {errors.MEDIA: {}}}
    for status, title in (
        (400, "Not JSON"),
        (401, "Sign in, or send a key"),
        (403, "Not permitted"),
        (404, "No such thing"),
        (409, "Conflict"),
        (413, "Too large"),
        (415, "Not JSON by its type"),
        (422, "Not valid: each field is named"),
        (429, "Too many tries: wait"),
        (503, "A server is away: try again"),
    )
}


def create_app(settings: Settings) -> FastAPI:
    """Whoever asks needs a key or a session, but for the paths of `api.identity.open_paths`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        publisher = Publisher(settings.bootstrap_servers)
        elastic = Elastic(settings.elasticsearch_url)
        live = Live(settings.bootstrap_servers, MATCHES, told.of_match)
        live_inbox = Live(settings.bootstrap_servers, DELIVERIES, told.of_delivery)
        identities = following(settings.bootstrap_servers)
        identities.start()
        live.start()
        live_inbox.start()
        app.state.services = Services(
            settings,
            publisher,
            elastic,
            live,
            live_inbox,
            SystemClock(),
            county_key(settings),
            identities,
        )
        yield
        await identities.close()
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
    app.add_middleware(Authenticate)  # inside of Limits, so that a form can be read for its token
    app.add_middleware(
        Limits, most_bytes=settings.body_limit, forms=(f"{links.PATH}/", "/console/")
    )
    for part in (
        openings,
        profiles,
        preferences,
        stop,
        inbox,
        stations,
        matches,
        overview,
        notices,
        notifications,
        templates,
        webhooks,
        sign_in,
        me,
        accounts,
        keys,
        health,
    ):
        app.include_router(part.router)
    console.install(app)
    return app
