"""Decisions of a person on the questions of an import: places, people and employers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from producers.employers_search import MOST_EMPLOYERS
from producers.importing.file_places import LONGEST_NAME
from producers.importing.recognition import Decisions, IdentityDecision
from roost.errors import invalid_field
from roost.events.account import EmployerId
from roost.events.common import Model, WorkerId
from roost.events.employer_name import ComparableName
from roost.places.gazetteer import gazetteer

MOST_ALIKE = 30
"""People of one row whom a decision can name."""
MOST_DECISIONS = 5_000
"""Most decisions on people, and on employers, of one import."""
MOST_PLACES = 500
"""Most answers to ambiguous names of places of one import."""


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

    name: ComparableName = Field(description="name in the form that its spellings share")
    same_as: EmployerId | None = None
    different_from: Annotated[tuple[EmployerId, ...], Field(max_length=MOST_EMPLOYERS)] = ()


class ImportDecisions(Model):
    """Decisions that are sent along with a file, on the questions of an earlier import of it."""

    places: Annotated[tuple[ChosenPlace, ...], Field(max_length=MOST_PLACES)] = Field(
        (), description="places that ambiguous texts of the file mean"
    )
    people: Annotated[tuple[ChosenPerson, ...], Field(max_length=MOST_DECISIONS)] = Field(
        (), description="for each doubtful row, whether it describes one of its `people`"
    )
    employers: Annotated[tuple[ChosenEmployer, ...], Field(max_length=MOST_DECISIONS)] = Field(
        (), description="for each doubtful name, whether it is one of its `employers`"
    )

    def identity(self) -> Decisions:
        """Return the decisions on people and employers, by row and by name."""
        return identity_decisions(self.people, self.employers)

    def chosen_places(self) -> dict[str, str]:
        """Return the keys of the places by text. Raises Invalid for an unknown key."""
        for number, each in enumerate(self.places):
            if each.key not in gazetteer():
                field = f"decisions.places.{number}.key"
                raise invalid_field(field, "is no place of the gazetteer", "没有该地点")
        return {each.text: each.key for each in self.places}


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
