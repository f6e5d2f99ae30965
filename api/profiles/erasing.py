"""Tombstones published when a worker is erased, in addition to the profile's."""

from __future__ import annotations

from datetime import datetime

from api.lists.paging import every
from api.ports.identity_tables import Identities
from producers import identity_facts, message_facts
from roost.events.envelope import Record
from roost.events.notice import NoticeKind
from roost.topics import NOTICES
from roost.views.elastic import Elastic, Json


async def personal_tombstones(elastic: Elastic, worker_id: str, at: datetime) -> list[Record]:
    """Return tombstones of a worker's own preferences, stop and answered requests."""
    filters: list[Json] = [
        {"term": {"kind": NoticeKind.REQUEST_ANSWERED.value}},
        {"term": {"worker_ids": worker_id}},
    ]
    answers = [
        message_facts.notice_erased(each["id"], at=at)
        async for each in every(elastic, NOTICES.name, filters)
    ]
    return [
        message_facts.preferences_erased(worker_id, at=at),
        message_facts.stop_erased(worker_id, at=at),
        *answers,
    ]


def identity_tombstones(identities: Identities, worker_id: str, at: datetime) -> list[Record]:
    """Return tombstones of a worker's accounts, their sessions, and the worker's keys."""
    accounts = {each.id for each in identities.accounts.values() if each.worker_id == worker_id}
    sessions = [each.id for each in identities.sessions.values() if each.account_id in accounts]
    keys = [each.id for each in identities.keys.values() if each.worker_id == worker_id]
    return [
        *(identity_facts.session_forgotten(id, at=at) for id in sessions),
        *(identity_facts.account_erased(id, at=at) for id in sorted(accounts)),
        *(identity_facts.key_revoked(id, at=at) for id in keys),
    ]
