"""The API's composition root: what it is made of, and nothing that connects at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import documents, errors, health, told
from api.accounts import endpoints as accounts
from api.audit import endpoints as audit
from api.audit.hook import Audited
from api.audit.seeing import Seeing
from api.audit.trail import Trail
from api.console import install as console
from api.dependencies import Services
from api.headers import Headers
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
from api.patience import Patience
from api.preferences import endpoints as preferences
from api.profiles import endpoints as profiles
from api.rates import Rated, by_address, by_principal
from api.sign_in import endpoints as sign_in
from api.stations import endpoints as stations
from api.stop import endpoints as stop
from api.stop import page as stop_page
from api.templates import endpoints as templates
from api.webhooks import endpoints as webhooks
from producers.publisher import Publisher
from roost import links
from roost.clock import SystemClock
from roost.connections import brokers_of, node_of
from roost.keys import county_key
from roost.settings import Settings
from roost.topics import DELIVERIES, MATCHES

PROBLEMS = {
    status: {"description": title, "content": {errors.MEDIA: {}}}
    for status, title in (
        (400, "Not JSON"),
        (401, "Sign in, or send a key"),
        (403, "Not permitted"),
        (404, "No such thing"),
        (408, "The body did not come in time"),
        (409, "Conflict"),
        (413, "Too large"),
        (415, "Not JSON by its type"),
        (422, "Not valid: each field is named"),
        (429, "Too often: wait as Retry-After says"),
        (503, "A server is away: try again"),
    )
}


def create_app(settings: Settings) -> FastAPI:
    """Whoever asks needs a key or a session, but for the paths of `api.identity.open_paths`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        publisher = Publisher(brokers_of(settings))
        elastic = Seeing(node_of(settings))
        trail = Trail(publisher.publish)
        live = Live(brokers_of(settings), MATCHES, told.of_match)
        live_inbox = Live(brokers_of(settings), DELIVERIES, told.of_delivery)
        identities = following(brokers_of(settings))
        identities.start()
        trail.start()
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
            trail,
        )
        yield
        await identities.close()
        await live_inbox.close()
        await live.close()
        await elastic.close()
        await trail.close()
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
    _guard(app, settings)
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
        audit,
        health,
    ):
        app.include_router(part.router)
    console.install(app)
    documents.install(app)
    app.add_middleware(Headers, over_https=settings.public_url.startswith("https://"))
    return app


def _guard(app: FastAPI, settings: Settings) -> None:
    """What stands around every route: each is outside of those before it."""
    app.add_middleware(Audited)
    app.add_middleware(Rated, choose=by_principal(settings))
    app.add_middleware(Authenticate)  # inside of Limits, so that a form can be read for its token
    app.add_middleware(
        Limits, most_bytes=settings.body_limit, forms=(f"{links.PATH}/", "/console/")
    )
    app.add_middleware(Patience, most_s=settings.request_timeout_s)
    app.add_middleware(Rated, choose=by_address(settings))
    app.add_middleware(errors.Unfailing)
