"""Facts of decisions on employers' names: decided, and taken back. They do not publish."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from producers.facts import API
from producers.importing.recognition import Decisions, IdentityDecision
from roost import ids
from roost.events.employer_name import EmployerName
from roost.events.envelope import Record, record, tombstone
from roost.topics import EMPLOYER_NAMES

COUNTY = "county"
"""Owner of decisions that count for every import: those of the command line."""
COMMAND_LINE = "command-line"


def employer_name_decided(
    owner: str, name: str, decision: IdentityDecision, *, by: str, at: datetime
) -> tuple[EmployerName, Record]:
    """Decide whose name a comparable name is, for the imports of an owner."""
    decided = EmployerName(
        id=ids.derive("l", owner, name),
        owner=owner,
        name=name,
        same_as=decision.same_as,
        different_from=tuple(sorted(decision.different_from)),
        decided_at=at,
        decided_by=by,
    )
    return decided, record(decided, decided.id, source=API, at=at)


def confirmed_decision(
    decision: IdentityDecision, known: Collection[str]
) -> IdentityDecision | None:
    """Return the part of a decision that concerns stored employers; None if there is none."""
    if decision.same_as is not None:
        return decision if decision.same_as in known else None
    others = frozenset(known).intersection(decision.different_from)
    return IdentityDecision(different_from=others) if others else None


def decided_records(
    owner: str, decisions: Decisions, known: Mapping[str, Collection[str]], *, by: str, at: datetime
) -> list[Record]:
    """Return the records that keep decisions by name for an owner's later imports.

    `known` holds the ids of the stored employers of each name; a decision on others is left out.
    """
    records = []
    for name, decision in decisions.items():
        confirmed = confirmed_decision(decision, known.get(name, ()))
        if confirmed is not None:
            records.append(employer_name_decided(owner, name, confirmed, by=by, at=at)[1])
    return records


def employer_name_forgotten(id: str, *, at: datetime) -> Record:
    """Take a decision back; stored openings keep their employer."""
    return tombstone(EMPLOYER_NAMES, id, source=API, at=at)


def decisions_of(names: Iterable[EmployerName], owners: Iterable[str]) -> Decisions:
    """Return the newest decisions by comparable name; those of the first owner come first."""
    by_owner: Mapping[str, dict[str, IdentityDecision]] = {each: {} for each in owners}
    for each in sorted(names, key=lambda each: each.decided_at):
        if each.owner in by_owner:
            decision = IdentityDecision(each.same_as, frozenset(each.different_from))
            by_owner[each.owner][each.name] = decision
    found: dict[str, IdentityDecision] = {}
    for of_owner in reversed(list(by_owner.values())):
        found |= of_owner
    return found
