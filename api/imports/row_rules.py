"""Rules for the rows of an import by its kind: authorisation, completion, suppressed people.

The import runs in a thread. Pure checks run there; what needs the views runs on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from fastapi import Request

from api.access import belonging, policy
from api.access.policy import Forbidden, Reach
from api.access.principal import Principal
from api.access.requirements import PermissionRequirement, principal
from api.openings.service import import_rules
from api.ports.services import Services
from api.profiles import known_people
from api.writes.editing import reference_taken
from producers.employers_search import KnownEmployer, find_employers
from producers.ends_search import Changes, FindEnds, MayRead, ends_of_rows, read_nobody
from producers.importing.employer_recognition import FindEmployers
from producers.importing.importer import (
    Authorise,
    Complete,
    FindSuppressed,
    keep_record,
    nobody_suppressed,
)
from producers.importing.recognition import FindPeople
from producers.people_search import FoundPeople, WantedPerson
from producers.suppressions import is_suppressed
from roost.errors import Transient, at_field
from roost.events.account import AccountRole, Permission
from roost.events.import_mapping import ImportKind
from roost.topics import PROFILES, SUPPRESSIONS
from roost.views.stored_facts import STORED_FIELDS

T = TypeVar("T")
PERMISSIONS: Mapping[ImportKind, Permission] = {
    "openings": Permission.OPENINGS_WRITE,
    "profiles": Permission.PROFILES_WRITE,
}
READABLE_WITHIN_S = 60.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class ImportRequirement(PermissionRequirement):
    """Dependency that requires the permission for some kind of records, openings first of all."""

    async def __call__(self, request: Request) -> Principal:
        """Return the caller. Raises Forbidden if it may import nothing."""
        who = principal(request)
        if not importable_kinds(who):
            policy.reach(who, self.permission)
            raise Forbidden("Your role imports no records.", "您无权导入数据。")
        return who


@dataclass(frozen=True, slots=True)
class RowRules:
    """Rules that an importer asks for each row."""

    authorise: Authorise
    complete: Complete = keep_record
    find_suppressed: FindSuppressed = nobody_suppressed
    find_people: FindPeople | None = None
    find_employers: FindEmployers | None = None
    find_ends: FindEnds | None = None


def importable_kinds(who: Principal) -> list[ImportKind]:
    """Return the kinds of records that a caller may import."""
    if who.role is AccountRole.WORKER:
        return []
    return [kind for kind, each in PERMISSIONS.items() if policy.may(who, each)]


def check_kind(who: Principal, kind: ImportKind) -> None:
    """Raise Forbidden unless the caller may import records of a kind."""
    policy.reach(who, PERMISSIONS[kind])
    if kind not in importable_kinds(who):
        raise at_field(
            Forbidden, "kind", "your role imports no such records.", "您无权导入此类数据。"
        )


async def row_rules(
    given: Services, who: Principal, kind: ImportKind, *, dry_run: bool
) -> RowRules:
    """Return the rules of a caller's import. Raises Forbidden."""
    check_kind(who, kind)
    if kind == "openings":
        rules = await import_rules(given, who, dry_run=dry_run)
        finder = await _employer_finder(given, who)
        ends = await _ends_finder(given, who)
        return RowRules(rules.check, rules.complete_row, find_employers=finder, find_ends=ends)
    return replace(await _profile_rules(given, who), find_ends=await _ends_finder(given, who))


async def _ends_finder(given: Services, who: Principal) -> FindEnds:
    """Return the search for matches in progress that rows end.

    Workers whom the caller may not read count as excluded by any narrower demand of an opening.
    """
    loop, reads = asyncio.get_running_loop(), Permission.PROFILES_READ
    may_read: MayRead = read_nobody
    if policy.may(who, reads) and policy.reach(who, reads) is not Reach.EMPLOYER:
        is_nearby = await belonging.workers_nearby(given, who, reads)

        async def read_nearby(id: str, fact: Mapping[str, Any]) -> bool:
            return is_nearby(fact)

        may_read = read_nearby

    def find(view: str, changes: Changes, today: date) -> Mapping[str, int]:
        reading = _once_readable(
            lambda: ends_of_rows(given.elastic, view, changes, today, may_read)
        )
        return asyncio.run_coroutine_threadsafe(reading, loop).result()

    return find


async def _employer_finder(given: Services, who: Principal) -> FindEmployers | None:
    """Return the search for stored employers within the caller's reach.

    None for an employer's own account, which imports under its own id, and for a caller who may
    read no openings.
    """
    loop, reads = asyncio.get_running_loop(), Permission.OPENINGS_READ
    is_employer = policy.reach(who, Permission.OPENINGS_WRITE) is Reach.EMPLOYER
    if is_employer or not policy.may(who, reads):
        return None
    within = await belonging.openings_within_reach(given, who, reads)

    def find(names: Collection[str], before: datetime) -> Mapping[str, Sequence[KnownEmployer]]:
        reading = _once_readable(
            lambda: find_employers(given.elastic, names, within, before=before)
        )
        return asyncio.run_coroutine_threadsafe(reading, loop).result()

    return find


async def _profile_rules(given: Services, who: Principal) -> RowRules:
    """Return the rules of a roster: those of `POST /v1/profiles` for each row."""
    loop = asyncio.get_running_loop()
    is_nearby = await belonging.workers_nearby(given, who, Permission.PROFILES_WRITE)

    def on_loop(doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, loop).result()

    def authorise(stored: Mapping[str, Any] | None, profile: Any) -> None:
        if stored is not None:
            writes = Permission.PROFILES_WRITE
            if is_nearby(stored) or on_loop(
                belonging.reaches_worker(given, who, writes, profile.id, stored)
            ):
                return
            raise reference_taken("identifier")
        if not is_nearby(profile.to_dict()):
            raise at_field(
                Forbidden,
                "location",
                "register workers who live or are at home where your station serves.",
                "只能登记本站服务地区的人员。",
            )

    def find_suppressed(view: str, ids: Sequence[str]) -> Collection[str]:
        return on_loop(_once_readable(lambda: _suppressed(given, ids)))

    def find_people(wanted: Sequence[WantedPerson]) -> Mapping[str, FoundPeople]:
        return on_loop(_once_readable(lambda: _people_like(given, who, wanted)))

    return RowRules(authorise, find_suppressed=find_suppressed, find_people=find_people)


async def _people_like(
    given: Services, who: Principal, wanted: Sequence[WantedPerson]
) -> Mapping[str, FoundPeople]:
    """Return stored people within the caller's reach who may be the wanted ones, if these are new.

    Raises Transient.
    """
    view = PROFILES.name
    found = await given.elastic.mget([(view, each.id) for each in wanted], ("erased", "version"))

    def is_stored(id: str) -> bool:
        document = found.get((view, id))
        if given.latest.version(view, id) > (document["version"] if document else 0):
            return not given.latest.is_erased(view, id)
        return document is not None and not document.get("erased")

    new = [each for each in wanted if not is_stored(each.id)]
    return await known_people.find(given, who, new) if new else {}


async def _once_readable(read: Callable[[], Awaitable[T]]) -> T:
    """Read the newest facts known, and wait for views that lag behind. Raises Transient."""
    deadline = asyncio.get_running_loop().time() + READABLE_WITHIN_S
    while True:
        try:
            return await read()
        except Transient:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(POLL_S)


async def _suppressed(given: Services, ids: Sequence[str]) -> Collection[str]:
    """Return the ids of erased people, by the newest facts known. Raises Transient."""
    views = (PROFILES.name, SUPPRESSIONS.name)
    found = await given.elastic.mget([(view, id) for id in ids for view in views], STORED_FIELDS)

    def is_erased(id: str) -> bool:
        profile, suppression = (
            given.latest.over(view, id, found.get((view, id))) for view in views
        )
        erased = profile.fact is None and profile.version > 0
        return is_suppressed({"erased": erased}, suppression.fact)

    return [id for id in ids if is_erased(id)]
