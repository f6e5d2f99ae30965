"""Installation of the console: its routes and its middleware."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from api.console.account import pages as account
from api.console.account import passkey_pages
from api.console.admin import account_pages, audit_pages, key_pages, operations_page, station_pages
from api.console.candidates import pages as candidate_pages
from api.console.conversations import pages as conversations
from api.console.conversations import reply_pages
from api.console.employer import (
    contact_pages,
    employer_pages,
    moderation_pages,
    opening_pages,
    shortlist_pages,
    webhook_pages,
)
from api.console.employer.outage_notice import note_disabled_webhooks
from api.console.finding import pages as finding
from api.console.help import pages as help_pages
from api.console.imports import pages as imports
from api.console.joining import pages as joining
from api.console.match import letter_pages
from api.console.match import pages as match
from api.console.me import (
    address_pages,
    conversation_pages,
    data_pages,
    held_pages,
    inbox_pages,
    large_text,
    match_pages,
    notification_settings,
)
from api.console.notes import pages as note_pages
from api.console.notices import pages as notices
from api.console.overview import pages as overview
from api.console.profiles import pages as profiles
from api.console.profiles import person_pages, sign_in_code_pages
from api.console.queue import pages as queue
from api.console.saved_searches import pages as saved_searches
from api.console.search import pages as search
from api.console.shell import assets, browser_pages
from api.console.shell.browser_errors import ConsoleMiddleware
from api.console.sign_in import pages as sign_in
from api.console.sign_in import station_code_pages, telephone_pages
from api.console.slots import pages as slot_pages
from api.console.sources import pages as source_pages
from api.console.today import pages as today
from api.console.together import bulk_pages, call_pages

ROUTERS = (
    assets.router,
    browser_pages.router,
    sign_in.router,
    telephone_pages.router,
    station_code_pages.router,
    joining.router,
    today.router,
    queue.router,
    call_pages.router,
    bulk_pages.router,
    search.router,
    saved_searches.router,
    note_pages.router,  # before matches, whose form of an action has any last step
    candidate_pages.router,
    slot_pages.router,  # before matches of openings, likewise
    finding.router,
    letter_pages.router,  # before matches, whose form of an action has any last step
    match.router,
    overview.router,
    opening_pages.router,
    moderation_pages.router,
    shortlist_pages.router,
    webhook_pages.router,
    contact_pages.router,
    employer_pages.router,
    match_pages.router,
    inbox_pages.router,
    conversation_pages.router,
    notification_settings.router,
    data_pages.router,
    held_pages.router,
    large_text.router,
    address_pages.router,
    conversations.router,
    reply_pages.router,
    profiles.router,
    person_pages.router,
    sign_in_code_pages.router,
    notices.router,
    imports.router,
    account.router,
    help_pages.router,
    passkey_pages.router,
    account_pages.router,
    key_pages.router,
    station_pages.router,
    audit_pages.router,
    operations_page.router,
    source_pages.router,
)


def install(app: FastAPI) -> None:
    """Add the console to the application. Call it last: its middleware wraps all others."""
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(note_disabled_webhooks)])
    app.add_middleware(ConsoleMiddleware)
