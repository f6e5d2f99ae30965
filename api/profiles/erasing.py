"""Use cases of erasures: erase a worker with all that is theirs, and record a new consent."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime

from api.access import policy
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.paging import every
from api.ports.identity_tables import Identities
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.profiles.stored_profiles import current_profile, is_stored, write_existing
from api.writes.editing import PROFILE, SUPPRESSION, existing_fact
from api.writes.ending import check_ends
from api.writes.erased_workers import is_suppressed
from api.writes.publishing import Written, publish_batch, write_fact
from producers import facts, identity_facts, message_facts, suppressions
from producers.erased_files import erase_from_files
from roost.errors import Conflict, Transient, invalid_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.notice import NoticeKind
from roost.events.profile import Profile
from roost.events.suppression import ConsentBasis
from roost.likeness.same_person import records_of
from roost.topics import NOTICES, PROFILES
from roost.views.elastic import Elastic, Json

MOST_READINGS = 5
"""Readings of a worker's numbers before an erasure; each repeats only after an edit in between."""


async def erase_worker(
    given: Services,
    who: Principal,
    id: str,
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Erase a worker from every view and, after compaction, from the topics.

    The worker's own preferences, stop and answered requests, accounts and keys are erased before
    the profile: while the profile exists, an interrupted request can be repeated by staff. The
    suppression is published first, so that no import brings the worker back; a number that another
    stored worker has is left out. Raises NotFound, PreconditionFailed, EndsProgress if somebody
    else erases a worker with more matches in progress than `confirmed`, and Transient if the
    worker's numbers keep changing.
    """
    for _ in range(MOST_READINGS):
        locked = await _other_records(given, id)
        with suppress(_NumbersChanged):
            return await _erase_locked(given, who, id, expected, locked, confirmed)
    raise Transient(
        "The worker's numbers are being changed; try again.", "该人员编号正在变更，请稍后重试。"
    )


class _NumbersChanged(Exception):
    """A worker has a number that was not locked."""


async def _other_records(given: Services, id: str) -> list[str]:
    """Return the ids that a stored worker's other numbers would have on their own."""
    fact = (await current_profile(given, id)).fact
    return [] if fact is None else records_of(Profile.from_stored(fact))


async def _erase_locked(
    given: Services,
    who: Principal,
    id: str,
    expected: Expected,
    locked: Collection[str],
    confirmed: int,
) -> Written:
    """Erase a worker under the locks of the other numbers, so that nobody registers one meanwhile.

    Raises _NumbersChanged if the worker has a number that is not among them.
    """
    at = given.clock.now()

    async def derive(current: CurrentFact) -> Record:
        others = records_of(Profile.from_stored(existing_fact(current, PROFILE, id)))
        if not set(others) <= set(locked):
            raise _NumbersChanged
        if who.worker_id != id:
            await check_ends(given, "worker_id", id, confirmed)
        numbers = [id, *[each for each in others if not await is_stored(given, each)]]
        suppressed = [suppressions.worker_suppressed(each, who.id, at=at) for each in numbers]
        await publish_batch(given, suppressed)
        await asyncio.to_thread(erase_from_files, given.settings, *numbers)
        await publish_batch(given, await personal_tombstones(given.elastic, id, at))
        await publish_batch(given, identity_tombstones(given.identities, id, at))
        return facts.profile_erased(id, at=at)

    permission = Permission.PROFILES_ERASE
    return await write_existing(given, who, permission, id, derive, expected, locked)


async def record_consent(
    given: Services, who: Principal, id: str, basis: ConsentBasis, consented_on: date
) -> Written:
    """Record an erased worker's new consent, so that they may be registered again.

    Only for callers with the permission over the whole county: the record is all that is left of
    the worker, and shows no place. Raises Forbidden, Invalid for a day to come or before the
    erasure, and Conflict if the worker is not suppressed.
    """
    policy.everywhere(who, Permission.PROFILES_ERASE)
    if consented_on > given.today:
        raise invalid_field("consentedOn", "is in the future", "不能晚于今天")
    at = given.clock.now()

    async def authorise(current: CurrentFact) -> None:
        document = await given.elastic.get(PROFILES.name, id)
        profile = given.latest.over(PROFILES.name, id, document)
        if profile.fact is not None or not await is_suppressed(given, id, profile):
            raise Conflict(
                "This person has not been erased; no new consent is needed.",
                "该人员档案未被删除，无需重新登记同意。",
            )
        erased_at = suppressions.suppressed_since(current.fact)
        if erased_at and consented_on < erased_at.astimezone(given.settings.zone).date():
            raise invalid_field(
                "consentedOn",
                "is before the erasure; record a consent given since then",
                "早于档案删除日期，须为删除之后作出的同意",
            )

    async def derive(current: CurrentFact) -> Record:
        return suppressions.suppression_lifted(id, who.id, basis, consented_on, at=at)

    return await write_fact(given, SUPPRESSION, id, authorise, derive)


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
