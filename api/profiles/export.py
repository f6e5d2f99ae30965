"""Export of everything that Roost holds on a worker."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.audit.schemas import about_filter, entry_about, requests_only
from api.lists.answer_schemas import SPARSE, Documents, FactAnswer
from api.lists.documents import fact_with_version
from api.lists.paging import every
from api.matches.schemas import MatchFact
from api.notices.schemas import NoticeFact
from api.notifications.schemas import DeliveryFact, NotificationFact
from api.ports.services import Services
from api.profiles.schemas import ProfileFact
from roost.events.account import Account, AccountId, AccountRole
from roost.events.audit import AuditEntry
from roost.events.common import Language, Model, WorkerId
from roost.events.conversation import ConversationMessage
from roost.events.note import Note
from roost.events.preferences import OwnPreferences, Stop
from roost.events.saved_search import SavedSearch
from roost.topics import (
    AUDIT,
    CONVERSATIONS,
    DELIVERIES,
    MATCHES,
    NOTES,
    NOTICES,
    NOTIFICATIONS,
    PREFERENCES,
    SAVED_SEARCHES,
    STOPS,
)
from roost.views.elastic import Json

Facts = list[dict[str, Any]]


class PreferencesAnswer(OwnPreferences, FactAnswer):
    """A worker's own preferences with their version."""


class StopAnswer(Stop, FactAnswer):
    """A worker's stop with its version."""


class AccountAnswer(Model):
    """A worker's account, without secrets."""

    model_config = SPARSE

    id: AccountId
    login: str
    name: str
    language: Language
    role: AccountRole
    worker_id: WorkerId | None
    created_at: datetime


class MessageAnswer(ConversationMessage, FactAnswer):
    """A message of a conversation with its version."""


class NoteFactAnswer(Note, FactAnswer):
    """A note, reason or interview that concerns the worker, with its version."""


class SavedSearchFactAnswer(SavedSearch, FactAnswer):
    """A saved search of the worker, with its version."""


SavedSearchFact = Annotated[dict[str, Any], Documents(SavedSearchFactAnswer)]
NoteFact = Annotated[dict[str, Any], Documents(NoteFactAnswer)]
MessageFact = Annotated[dict[str, Any], Documents(MessageAnswer)]
PreferencesFact = Annotated[dict[str, Any], Documents(PreferencesAnswer)]
StopFact = Annotated[dict[str, Any], Documents(StopAnswer)]
AccountFact = Annotated[dict[str, Any], Documents(AccountAnswer)]


class Export(BaseModel):
    """Facts on a worker as the topics hold them, each with its version."""

    exported_at: datetime = Field(serialization_alias="exportedAt")
    profile: ProfileFact
    preferences: PreferencesFact | None = Field(
        description="the worker's own; absent if the profile's apply"
    )
    stop: StopFact | None = Field(description="whether the worker has stopped all messages")
    accounts: list[AccountFact] = Field(description="accounts, without secrets")
    matches: list[MatchFact] = Field(description="with their reasons and history")
    notifications: list[NotificationFact]
    deliveries: list[DeliveryFact] = Field(description="by channel: when sent, read and answered")
    conversation: list[MessageFact] = Field(description="messages with the station")
    notes: list[NoteFact] = Field(
        description="notes on the worker and their matches, reasons, interview details"
    )
    saved_searches: list[SavedSearchFact] = Field(
        serialization_alias="savedSearches", description="saved searches"
    )
    notices: list[NoticeFact] = Field(description="answers to the worker's requests")
    audit: list[AuditEntry] = Field(description="reads and changes of the worker's data")


async def export_of(given: Services, profile: Json) -> Export:
    """Return the export of the worker with this profile document."""
    id = profile["id"]
    own = await given.elastic.mget([(PREFERENCES.name, id), (STOPS.name, id)])
    to_worker: list[Json] = [{"term": {"recipient_id": id}}]
    matches, notifications, deliveries, conversation, notices, audit = await asyncio.gather(
        _facts(given, MATCHES.name, [{"term": {"worker_id": id}}]),
        _facts(given, NOTIFICATIONS.name, to_worker),
        _facts(given, DELIVERIES.name, to_worker),
        _facts(given, CONVERSATIONS.name, [{"term": {"worker_id": id}}]),
        _facts(given, NOTICES.name, [{"term": {"worker_ids": id}}]),
        _audited(given, id),
    )
    notes = await _facts(given, NOTES.name, [{"term": {"worker_id": id}}])
    return Export(
        exported_at=given.clock.now(),
        profile=fact_with_version(profile),
        preferences=_existing(own.get((PREFERENCES.name, id))),
        stop=_existing(own.get((STOPS.name, id))),
        accounts=_accounts(given, id),
        matches=matches,
        notifications=notifications,
        deliveries=deliveries,
        conversation=conversation,
        notes=notes,
        saved_searches=await _facts(given, SAVED_SEARCHES.name, [{"term": {"worker_id": id}}]),
        notices=[_for_worker_alone(each, id) for each in notices],
        audit=audit,
    )


async def _facts(given: Services, view: str, filters: list[Json]) -> Facts:
    """Return the facts of a view that meet the filters."""
    return [fact_with_version(each) async for each in every(given.elastic, view, filters)]


async def _audited(given: Services, id: str) -> list[AuditEntry]:
    """Return the audit entries about a worker, without other persons."""
    found = every(given.elastic, AUDIT.name, [about_filter(id), requests_only()])
    return [entry_about(AuditEntry.from_stored(each["fact"]), id) async for each in found]


def _existing(document: Json | None) -> dict[str, Any] | None:
    return None if document is None or document.get("erased") else fact_with_version(document)


def _accounts(given: Services, id: str) -> Facts:
    """Return a worker's accounts, without secrets."""
    held = given.identities.accounts.values()
    return [_public(each) for each in held if each.worker_id == id]


def _public(account: Account) -> dict[str, Any]:
    fields = {"id", "login", "name", "language", "role", "worker_id", "created_at"}
    return account.model_dump(mode="json", by_alias=True, include=fields)


def _for_worker_alone(notice: dict[str, Any], id: str) -> dict[str, Any]:
    """Return a notice without its other recipients."""
    return {**notice, "audience": {"workerIds": [id]}}
