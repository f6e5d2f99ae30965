"""Everything that Roost holds on a worker, for them to take away."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.audit.schemas import about_filter, entry_about
from api.lists.documents import fact_with_version
from api.lists.paging import every
from api.ports.services import Services
from roost.events.account import Account
from roost.events.audit import AuditEntry
from roost.topics import (
    AUDIT,
    DELIVERIES,
    MATCHES,
    NOTICES,
    NOTIFICATIONS,
    PREFERENCES,
    STOPS,
)
from roost.views.elastic import Json

Facts = list[dict[str, Any]]


class Export(BaseModel):
    """Facts as the topics hold them, each with its version."""

    exported_at: datetime = Field(serialization_alias="exportedAt")
    profile: dict[str, Any]
    preferences: dict[str, Any] | None = Field(description="their own; else the profile's hold")
    stop: dict[str, Any] | None = Field(description="whether they want no messages")
    accounts: Facts = Field(description="how they sign in, without what is secret")
    matches: Facts = Field(description="with their reasons and history")
    notifications: Facts
    deliveries: Facts = Field(description="by channel: when sent, read and answered")
    notices: Facts = Field(description="answers to what they asked")
    audit: list[AuditEntry] = Field(description="who saw or changed their data")


async def exported(given: Services, profile: Json) -> Export:
    id = profile["id"]
    own = await given.elastic.mget([(PREFERENCES.name, id), (STOPS.name, id)])
    told: list[Json] = [{"term": {"recipient_id": id}}]
    matches, notifications, deliveries, notices, audit = await asyncio.gather(
        _facts(given, MATCHES.name, [{"term": {"worker_id": id}}]),
        _facts(given, NOTIFICATIONS.name, told),
        _facts(given, DELIVERIES.name, told),
        _facts(given, NOTICES.name, [{"term": {"worker_ids": id}}]),
        _audited(given, id),
    )
    return Export(
        exported_at=given.clock.now(),
        profile=fact_with_version(profile),
        preferences=_standing(own.get((PREFERENCES.name, id))),
        stop=_standing(own.get((STOPS.name, id))),
        accounts=_accounts(given, id),
        matches=matches,
        notifications=notifications,
        deliveries=deliveries,
        notices=[_to_them_alone(each, id) for each in notices],
        audit=audit,
    )


async def _facts(given: Services, view: str, filters: list[Json]) -> Facts:
    return [fact_with_version(each) async for each in every(given.elastic, view, filters)]


async def _audited(given: Services, id: str) -> list[AuditEntry]:
    found = every(given.elastic, AUDIT.name, [about_filter(id)])
    return [entry_about(AuditEntry.from_stored(each["fact"]), id) async for each in found]


def _standing(document: Json | None) -> dict[str, Any] | None:
    return None if document is None or document.get("erased") else fact_with_version(document)


def _accounts(given: Services, id: str) -> Facts:
    held = given.identities.accounts.values()
    return [_plain(each) for each in held if each.worker_id == id]


def _plain(account: Account) -> dict[str, Any]:
    public = {"id", "login", "name", "language", "role", "worker_id", "created_at"}
    return account.model_dump(mode="json", by_alias=True, include=public)


def _to_them_alone(notice: dict[str, Any], id: str) -> dict[str, Any]:
    """Who else a notice was for is nothing of theirs."""
    return {**notice, "audience": {"workerIds": [id]}}
