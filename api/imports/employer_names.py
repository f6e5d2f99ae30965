"""Use cases of employers' names: decisions of former imports, kept, listed and taken back.

A decision counts for the imports of its station or employer. It is kept when an import with it
runs, and only for employers within the reach of the person who decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from api.access import belonging, policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.imports.decisions import ChosenEmployer, identity_decisions
from api.imports.import_work import keep_nothing
from api.imports.saved_mappings import group_of, groups_of
from api.ports.services import Services
from producers.employers_search import find_employers
from producers.importing.employer_name_facts import (
    COUNTY,
    decided_records,
    decisions_of,
    employer_name_forgotten,
)
from producers.importing.recognition import Decisions
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.employer_name import EmployerName
from roost.events.envelope import Record

MOST_OF_GROUP = 5_000
"""Decisions of a station or employer; beyond it the oldest one is forgotten, and asked again."""
SEARCHED = 500
"""Names of one search."""


def remembered_employers(given: Services, who: Principal) -> Decisions:
    """Return the decisions of the caller's group, and those of the county, by name."""
    own = group_of(who)
    owners = (own, *sorted(groups_of(who) - {own}), COUNTY)
    return decisions_of(given.employer_names.values(), owners)


def list_employer_names(given: Services, who: Principal) -> list[EmployerName]:
    """Return the newest `MOST_OF_GROUP` decisions that the caller may take back, newest first."""
    policy.reach(who, Permission.OPENINGS_WRITE)
    found = (each for each in given.employer_names.values() if _is_own(who, each))
    return heapq.nlargest(MOST_OF_GROUP, found, key=lambda each: (each.decided_at, each.id))


async def forget_employer_name(given: Services, who: Principal, id: str) -> None:
    """Take a decision back: the name is asked about again. Raises NotFound."""
    policy.reach(who, Permission.OPENINGS_WRITE)
    found = given.employer_names.get(id)
    if found is None or not _is_own(who, found):
        raise NotFound(f"There is no decision {id}.", f"没有该记录：{id}")
    await _publish(given, [employer_name_forgotten(id, at=given.clock.now())])


def keeping(
    given: Services, who: Principal, chosen: Sequence[ChosenEmployer], dry_run: bool = False
) -> Callable[[], Awaitable[None]]:
    """Return the step of an import that keeps its decisions; a dry run keeps none."""
    return keep_nothing if dry_run else partial(remember_employers, given, who, chosen)


async def remember_employers(
    given: Services, who: Principal, chosen: Sequence[ChosenEmployer]
) -> None:
    """Keep decisions for later imports; those on employers out of reach are left out.

    Raises Transient.
    """
    if not chosen or not policy.may(who, Permission.OPENINGS_READ):
        return
    owner, now = group_of(who), given.clock.now()
    known = await _known(given, who, [each.name for each in chosen])
    records = decided_records(owner, identity_decisions((), chosen), known, by=who.id, at=now)
    await _publish(given, [*records, *_beyond_limit(given, owner, records)])


async def _known(
    given: Services, who: Principal, names: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the ids of the stored employers of each name within the caller's reach."""
    within = await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ)
    found: dict[str, frozenset[str]] = {}
    for start in range(0, len(names), SEARCHED):
        some = names[start : start + SEARCHED]
        employers = await find_employers(given.elastic, some, within, before=given.clock.now())
        found |= {name: frozenset(one.id for one in each) for name, each in employers.items()}
    return found


def _beyond_limit(given: Services, owner: str, records: Sequence[Record]) -> list[Record]:
    """Return the records that forget the oldest decisions of a group beyond its limit."""
    new = {each.key for each in records}
    kept = [
        each for each in given.employer_names.values() if each.owner == owner and each.id not in new
    ]
    kept.sort(key=lambda each: each.decided_at)
    beyond = max(0, len(kept) + len(new) - MOST_OF_GROUP)
    return [employer_name_forgotten(each.id, at=given.clock.now()) for each in kept[:beyond]]


async def _publish(given: Services, records: Sequence[Record]) -> None:
    """Publish records, and wait until this process has read them back. Raises Transient."""
    if records:
        positions = await given.publisher.publish(records)
        await given.employer_names.reached(positions[-1].offset)


def _is_own(who: Principal, decided: EmployerName) -> bool:
    if policy.reach(who, Permission.OPENINGS_WRITE) is Reach.ALL:
        return True
    return decided.owner in groups_of(who)
