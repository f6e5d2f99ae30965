"""Decisions of a person on the questions of an import: places, people and employers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from producers.employers_search import MOST_EMPLOYERS
from producers.importing.file_places import LONGEST_NAME
from producers.importing.recognition import Decisions, IdentityDecision
from roost.events.account import EmployerId
from roost.events.common import Model, WorkerId

MOST_ALIKE = 30
"""People of one row whom a decision can name."""
MOST_DECISIONS = 5_000
"""Most decisions on people, and on employers, of one import."""
MOST_PLACES = 500
"""Most answers to ambiguous names of places of one import."""
LONGEST_EMPLOYER = 1_000
"""Characters of a comparable name of an employer."""


class ChosenPlace(Model):
    """Answer to an ambiguous name of a place in a file: the key of the place that it means."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}:[A-Za-z0-9_-]{1,32}$")]


class ChosenPerson(Model):
    """Decision on a row whose person is known: the same person, or another one."""

    row: WorkerId = Field(description="id that the row's number has on its own")
    same_as: WorkerId | None = None
    different_from: Annotated[tuple[WorkerId, ...], Field(max_length=MOST_ALIKE)] = ()


class ChosenEmployer(Model):
    """Decision on an employer's name without a credit code: a stored employer, or another one."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_EMPLOYER)] = Field(
        description="name in the form that its spellings share"
    )
    same_as: EmployerId | None = None
    different_from: Annotated[tuple[EmployerId, ...], Field(max_length=MOST_EMPLOYERS)] = ()


def identity_decisions(
    people: Iterable[ChosenPerson], employers: Iterable[ChosenEmployer]
) -> Decisions:
    """Return the decisions by the row's id or the employer's name."""
    chosen: dict[str, ChosenPerson | ChosenEmployer] = {each.row: each for each in people}
    chosen |= {each.name: each for each in employers}
    return {
        key: IdentityDecision(each.same_as, frozenset(each.different_from))
        for key, each in chosen.items()
    }
