"""Composition root of the API. Nothing connects at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from api.access.authentication import AuthenticationMiddleware
from api.access.password_throttle import ThrottledPasswords
from api.access.route_permissions import RoutePermissionMiddleware
from api.accounts import endpoints as accounts
from api.audit import endpoints as audit
from api.candidate_requests import endpoints as candidate_requests
from api.changes import endpoints as changes
from api.console import install as console
from api.conversations import endpoints as conversations
from api.deprecations import endpoints as deprecations
from api.deprecations.deprecation_middleware import DeprecationMiddleware
from api.employers import endpoints as employers
from api.finding import endpoints as finding
from api.guards import link_pages, problem_responses
from api.guards.audit_middleware import AuditMiddleware
from api.guards.audit_trail import BufferedAuditTrail
from api.guards.auditing_elastic import AuditingElastic
from api.guards.body_framing import BodyFramingMiddleware
from api.guards.body_limits import BodyCheckMiddleware, BodyLimitMiddleware
from api.guards.compression import CompressionMiddleware
from api.guards.conditional import NotModifiedMiddleware
from api.guards.form_paths import STREAMED
from api.guards.head_requests import HeadMiddleware
from api.guards.idempotency import documented
from api.guards.idempotency.answer_store import SharedAnswerStore
from api.guards.idempotency.idempotency_middleware import IdempotencyMiddleware
from api.guards.list_tags import ListTagMiddleware
from api.guards.public_cors import PublicCorsMiddleware
from api.guards.query_parameters import check_query_parameters
from api.guards.rate_limits import RateLimitMiddleware, by_address, by_principal
from api.guards.reading_posts import READING_POSTS
from api.guards.request_timeouts import RequestTimeoutMiddleware
from api.guards.security_headers import SecurityHeadersMiddleware
from api.guards.security_log import AggregatedSecurityLog
from api.guards.slash_redirects import SlashRedirectMiddleware
from api.health import endpoints as health
from api.health.probes import HealthProbes
from api.imports import employer_name_endpoints
from api.imports import endpoints as imports
from api.imports.pending import PendingImports
from api.imports.running import Imports, RejectedRows
from api.inbox import endpoints as inbox
from api.keys import endpoints as keys
from api.live import concerns
from api.live.change_feed import TopicFeed
from api.live.hub import TopicHub
from api.live.open_streams import OpenStreams
from api.matches import endpoints as matches
from api.me import endpoints as me
from api.notes import endpoints as notes
from api.notices import endpoints as notices
from api.notifications import endpoints as notifications
from api.openapi import completion
from api.openings import endpoints as openings
from api.overview import endpoints as overview
from api.places import endpoints as places
from api.ports.identity_tables import identities_from
from api.ports.latest_writes import LatestWrites
from api.ports.services import Services
from api.ports.stopped_stages import StageStops
from api.ports.topic_table import TopicTable
from api.preferences import endpoints as preferences
from api.profiles import endpoints as profiles
from api.provider_reports import endpoints as provider_reports
from api.public import endpoints as public
from api.saved_replies import endpoints as saved_replies_endpoints
from api.saved_searches import endpoints as saved_searches
from api.search import endpoints as search
from api.sharing import endpoints as sharing
from api.sign_in import endpoints as sign_in
from api.sign_in.provider_documents import CachedProviderDocuments
from api.slots import endpoints as slots
from api.sources import endpoints as sources
from api.stations import endpoints as stations
from api.stop import endpoints as stop
from api.templates import endpoints as templates
from api.today import endpoints as today
from api.vocabulary import endpoints as vocabulary
from api.webhooks import endpoints as webhooks
from matcher.weights_in_force import weights_in_force
from producers.admin import broker_answers
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.events.employer_name import EmployerName
from roost.events.import_mapping import SavedMapping
from roost.events.saved_reply import SavedReply
from roost.events.source import Source, SourceState
from roost.kafka.reader import KafkaReader
from roost.security.county_key import county_key
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import EMPLOYER_NAMES, IMPORT_MAPPINGS, SAVED_REPLIES, SOURCE_RUNS, SOURCES
from roost.webhooks.posting import WebhookPoster

PROBLEMS = {
    status: {"description": title, "content": {problem_responses.MEDIA: {}}}
    for status, title in (
        (400, "Not JSON, or an unknown parameter or cursor"),
        (401, "Sign in, or send a key"),
        (403, "Not permitted"),
        (404, "Unknown id"),
        (408, "The body did not arrive in time"),
        (409, "Conflict"),
        (412, "Changed since you read it"),
        (413, "Too large"),
        (415, "The media type is not JSON"),
        (422, "Not valid: the errors name each field"),
        (429, "Too many requests: wait as Retry-After says"),
        (503, "A server does not answer: try again"),
    )
}


NOT_REPEATED = (*(path for _, path in STREAMED), *READING_POSTS)
"""Paths whose requests run again under the same `Idempotency-Key`."""
FEATURES = (
    notes,  # before openings and matches, whose routes of actions have any last step
    slots,  # likewise
    candidate_requests,  # likewise
    openings,
    profiles,
    search,
    finding,
    preferences,
    stop,
    provider_reports,
    sharing,
    saved_searches,
    inbox,
    stations,
    today,
    sources,
    matches,
    overview,
    notices,
    conversations,
    saved_replies_endpoints,
    notifications,
    templates,
    places,
    vocabulary,
    webhooks,
    sign_in,
    me,
    accounts,
    keys,
    imports,
    employer_name_endpoints,
    changes,
    public,
    deprecations,
    employers,
    audit,
    health,
)


def create_app(settings: Settings) -> FastAPI:
    """Return the application.

    Callers need a key or a session, except for the paths of `api.guards.open_paths`.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPIOffline(  # its documentation pages load nothing from other sites
        title="Roost",
        version="1",
        summary="Job matching for public employment services",
        lifespan=lifespan,
        responses=PROBLEMS,
        dependencies=[Depends(check_query_parameters)],
    )
    problem_responses.install(app)
    documented.install(app)
    link_pages.install(app)
    _add_middleware(app, settings)
    for feature in FEATURES:
        app.include_router(feature.router)
    console.install(app)
    completion.install(app)
    # Outside the console, which makes pages of the bodies of problems.
    app.add_middleware(HeadMiddleware)
    over_https = settings.public_url.startswith("https://")
    app.add_middleware(SecurityHeadersMiddleware, over_https=over_https)
    return app


@asynccontextmanager
async def _running_services(settings: Settings) -> AsyncIterator[Services]:
    """Start the services of the application, and close them in reverse order."""
    reader = KafkaReader(brokers_of(settings))
    blocking_publisher = Publisher(brokers_of(settings))
    publisher = EventLoopPublisher(blocking_publisher)
    clock, key, latest = SystemClock(), county_key(settings), LatestWrites()
    elastic = AuditingElastic(node_of(settings))
    trail = BufferedAuditTrail(blocking_publisher.publish)
    security = AggregatedSecurityLog(trail, clock, key)
    live = TopicHub(reader, concerns.FOLLOWED, concerns.notices_of, clock, key)
    identities = identities_from(reader)
    requests = SharedAnswerStore(reader, publisher, clock, key, settings.idempotency_keys)
    importing = Imports(
        reader,
        publisher,
        blocking_publisher,
        elastic,
        clock,
        settings.zone,
        settings.data / "imports",
        latest,
        PendingImports(settings.imports_per_owner, settings.imports_pending),
        RejectedRows(settings.rejects_folder, timedelta(days=settings.rejects_days)),
    )
    feed, stage_stops = TopicFeed(reader), StageStops(reader)
    source_table = TopicTable(reader, SOURCES, Source)
    source_states = TopicTable(reader, SOURCE_RUNS, SourceState)
    import_mappings = TopicTable(reader, IMPORT_MAPPINGS, SavedMapping)
    employer_names = TopicTable(reader, EMPLOYER_NAMES, EmployerName)
    saved_replies = TopicTable(reader, SAVED_REPLIES, SavedReply)
    health_probes = HealthProbes(lambda: broker_answers(brokers_of(settings)), elastic)
    provider = CachedProviderDocuments(settings) if settings.oidc_issuer else None
    poster = WebhookPoster(key, may_be_private=settings.webhooks_may_be_private)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(poster.aclose)
        closing.callback(blocking_publisher.close)
        closing.push_async_callback(elastic.close)
        closing.push_async_callback(health_probes.close)
        if provider is not None:
            closing.push_async_callback(provider.close)
        following = (
            live,
            identities,
            requests,
            feed,
            importing,
            stage_stops,
            source_table,
            source_states,
            import_mappings,
            employer_names,
            saved_replies,
        )
        for each in (trail, security, *following):
            each.start()
            closing.push_async_callback(each.close)
        yield Services(
            settings=settings,
            publisher=publisher,
            elastic=elastic,
            live=live,
            streams=OpenStreams(settings.live_streams_per_principal, settings.live_streams),
            clock=clock,
            key=key,
            identities=identities,
            trail=trail,
            security=security,
            passwords=ThrottledPasswords(),
            requests=requests,
            imports=importing,
            feed=feed,
            health=health_probes,
            latest=latest,
            stage_stops=stage_stops,
            sources=source_table,
            source_states=source_states,
            import_mappings=import_mappings,
            employer_names=employer_names,
            saved_replies=saved_replies,
            provider=provider,
            webhook_poster=poster,
            weights=weights_in_force(settings.folder_of_weights),
        )


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add the middleware of every route; each one wraps those added before it."""
    app.add_middleware(SlashRedirectMiddleware)
    app.add_middleware(BodyCheckMiddleware)
    app.add_middleware(RoutePermissionMiddleware, router=app.router)
    app.add_middleware(AuditMiddleware)
    app.add_middleware(IdempotencyMiddleware, exempt=NOT_REPEATED)
    app.add_middleware(ListTagMiddleware)
    app.add_middleware(NotModifiedMiddleware)
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(DeprecationMiddleware)
    app.add_middleware(RateLimitMiddleware, choose=by_principal(settings))
    app.add_middleware(AuthenticationMiddleware)
    # Outside every reader of a body: authentication reads a form for its token.
    app.add_middleware(
        BodyLimitMiddleware,
        most_bytes=settings.body_limit,
        most_streamed_bytes=settings.import_bytes,
    )
    app.add_middleware(RequestTimeoutMiddleware, most_s=settings.request_timeout_s)
    app.add_middleware(RateLimitMiddleware, choose=by_address(settings))
    app.add_middleware(BodyFramingMiddleware)
    app.add_middleware(problem_responses.UnhandledErrorMiddleware)
    app.add_middleware(PublicCorsMiddleware)
