"""Recognition of people in a roster: which row describes whom, and which a clerk decides.

A row whose person seems to be stored under another number, or whose number seems
reused, is not imported until somebody says whether it is the same person (ADR 50).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producers.people_search import (
    FoundPeople,
    KnownPerson,
    WantedPerson,
    signs_in_words,
)
from roost.errors import FieldError
from roost.events.profile import Profile, ProfileContent
from roost.likeness.same_person import Sign, reused_number

FindPeople = Callable[[Sequence[WantedPerson]], Mapping[str, FoundPeople]]
"""Returns stored people who may be the wanted new ones, by the wanted id."""


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """Decision on whom a row describes: a stored person or employer, or none of those found."""

    same_as: str | None = None
    different_from: Collection[str] = ()


UNDECIDED = IdentityDecision()
Decisions = Mapping[str, IdentityDecision]
"""Decisions by the id that a row's number has on its own, or by an employer's comparable name."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Result for a row: the id of its person, and people whom a decision is still needed on."""

    id: str
    undecided: Sequence[KnownPerson] = ()


def recognise(
    id: str, found: FoundPeople, twins: Sequence[KnownPerson], decision: IdentityDecision
) -> Recognised:
    """Return the person of a row with a new number. Pure.

    `twins` are earlier rows of the file with the same name and telephone: one of the two is left
    out, or the row is another person. A decision counts for the people whom it names alone, so that
    somebody who is found later is asked about.
    """
    if found.same is not None:
        return Recognised(found.same)
    if decision.same_as is not None and decision.same_as in {each.id for each in found.people}:
        return Recognised(decision.same_as)
    stored = {each.id for each in found.people}
    alike = (*found.people, *(each for each in twins if each.id not in stored))
    return Recognised(id, tuple(each for each in alike if each.id not in decision.different_from))


def reused(
    id: str, content: Any, stored: Mapping[str, Any] | None, decision: IdentityDecision
) -> Sequence[KnownPerson]:
    """Return the stored person of a row's number if the number seems reused and nobody decided."""
    if stored is None or not isinstance(content, ProfileContent) or decision.same_as == id:
        return ()
    before = Profile.from_stored(stored)
    sign = reused_number(content, before)
    if sign is None:
        return ()
    number = before.identifier or ""
    return (KnownPerson(id, (sign,), before.name, number, before.source, before.home.name),)


def undecided_reason(people: Sequence[KnownPerson], column: str) -> FieldError:
    """Return the reason why a row waits for a decision, at the column of the number."""
    signs, signs_zh = signs_in_words(people)
    if any(Sign.OTHER_NAME in each.signs for each in people):
        return FieldError(
            column,
            "is stored under another name; say that it is the same person, or correct the number",
            "该编号已登记且姓名不同；请确认是否为同一人，或更正编号",
        )
    if any(Sign.OTHER_DETAILS in each.signs for each in people):
        return FieldError(
            column,
            "is stored with another telephone and another home; say that it is the same person, or "
            "correct the number",
            "该编号已登记且电话和家乡均不同；请确认是否为同一人，或更正编号",
        )
    return FieldError(
        column,
        f"seems to belong to a person who is known under another number ({signs}); say whether it "
        "is the same person",
        f"可能与其他编号的人员为同一人（{signs_zh}），请确认是否为同一人",
    )
