"""Doubts about valid rows: facts that a person should confirm before or after an import.

Renamed places, numbers that differ by leading zeros, one person under two numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from producers import facts
from producers.importing.import_kinds import Kind
from producers.lawful import awaited_reviews
from producers.mappings.employer_ids import exact_name
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.people_search import FoundPeople, KnownPerson
from roost.errors import FieldError, invalid_field
from roost.events.common import Place
from roost.events.opening import Opening, OpeningContent
from roost.events.preferences import ChannelKind
from roost.events.profile import ProfileContent
from roost.likeness.same_person import Sign, comparable_name, is_by_name
from roost.places.resolutions import Resolved
from roost.places.resolving import resolve
from roost.rules.profile_fields import Writer, decide_fields
from roost.text.references import common_number


def place_doubts(content: Any, kind: Kind, resolved: ResolvedMapping) -> Iterator[FieldError]:
    """Yield a doubt for each place whose text has a former name."""
    for name in kind.places:
        place = getattr(content, _PYTHON_NAMES.get(name, name))
        if isinstance(place, Place) and place.code is None:
            found = _renamed(place.name)
            if found is not None:
                old, new, year = found
                yield FieldError(
                    resolved.column_of(name),
                    f"{old} is now {new} ({year}); it is read so",
                    f"“{old}”现为“{new}”（{year}年），已按现名读取",
                )


@lru_cache(maxsize=4_096)
def _renamed(text: str) -> tuple[str, str, int | None] | None:
    """Return the former name in a text, the name today, and the year of the change."""
    found = resolve(text)
    if not isinstance(found, Resolved) or found.renamed_from is None:
        return None
    return found.renamed_from, found.place.name, found.year


_PYTHON_NAMES = {"jobLocation": "job_location"}


@dataclass(slots=True)
class SeenPeople:
    """People of the rows read so far, to find one person twice and one number for two people."""

    _names: dict[str, str] = field(default_factory=dict)
    """Name by the worker's id."""
    _numbers: dict[str, str] = field(default_factory=dict)
    """Number without leading zeros, with the number as written."""
    _people: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Id and place of the first row, by the hash of name and telephone number."""

    def check(self, id: str, content: ProfileContent, resolved: ResolvedMapping) -> None:
        """Note a person. Raises Invalid if the number belongs to another name in this file."""
        name = exact_name(content.name)
        if self._names.setdefault(id, name) != name:
            raise invalid_field(
                resolved.column_of("identifier"),
                "has the number of another row with another name; correct one of the two",
                "与另一行的编号相同而姓名不同，请更正其中一行",
            )

    def doubts(self, content: ProfileContent, resolved: ResolvedMapping) -> Iterator[FieldError]:
        """Yield doubts about a person by the other rows of the file."""
        number = common_number(content.identifier or "")
        plain = number.lstrip("0")
        other = self._numbers.setdefault(plain, number)
        if other != number:
            yield FieldError(
                resolved.column_of("identifier"),
                f"{number} and {other} are read as two people; leading zeros count",
                f"“{number}”与“{other}”按两人处理（前导零不同），请核对",
            )

    def without_rows(self, found: FoundPeople) -> FoundPeople:
        """Return the people found without those of this file, whom it names as other people.

        One with the same name and telephone stays, wherever the file names them.
        """
        if not found.people:
            return found
        left = (
            each for each in found.people if each.id not in self._names or is_by_name(each.signs)
        )
        return FoundPeople(people=tuple(left))

    def twins(self, id: str, content: ProfileContent, place: str) -> list[KnownPerson]:
        """Return the earlier rows with the same name and telephone under another number."""
        found: dict[str, KnownPerson] = {}
        for address in _telephones(content):
            person = hash((comparable_name(content.name), address))
            other, row = self._people.setdefault(person, (id, place))
            if other != id:
                signs = (Sign.TELEPHONE, Sign.NAME)
                found[other] = KnownPerson(other, signs, content.name, place=row)
        return list(found.values())


def _telephones(content: ProfileContent) -> list[str]:
    return [each.address for each in content.channels if each.kind is ChannelKind.SMS]


@dataclass(slots=True)
class SeenEmployers:
    """Employers of the rows read so far: one id stands for one name."""

    _names: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    """Id of the first row with a name."""

    def check(self, content: OpeningContent, resolved: ResolvedMapping) -> None:
        """Note an employer. Raises Invalid if a slug of this file belongs to another name."""
        employer = content.hiring_organization
        name = exact_name(employer.name)
        if self._names.setdefault(employer.id, name) != name and _is_slug(resolved):
            raise invalid_field(
                resolved.column_of("hiringOrganization.id"),
                f"gives the id {employer.id!r}, which another employer of the file has; read the "
                "column `as: employer`",
                f"得到的单位编号“{employer.id}”与另一单位相同；请在映射中用 as: employer 读取",
            )

    def doubts(self, content: OpeningContent, resolved: ResolvedMapping) -> Iterator[FieldError]:
        """Yield a doubt if the file gives one employer's id two names."""
        employer = content.hiring_organization
        if comparable_name(self._names[employer.id]) != comparable_name(employer.name):
            yield FieldError(
                resolved.column_of("hiringOrganization.id"),
                "has the employer's id of another row with another name",
                "与另一行的单位编号相同而名称不同，请核对",
            )
        name = comparable_name(employer.name)
        if self._ids.setdefault(name, employer.id) != employer.id:
            yield FieldError(
                resolved.column_of("hiringOrganization"),
                "is an employer of two ids in this file, such as with and without its credit code; "
                "fill in the code or the id of each row",
                "在本文件中对应两个单位编号（例如有的行有统一社会信用代码、有的行没有），"
                "请逐行补充代码或单位编号",
            )


def employer_doubts(
    content: Any, stored: Mapping[str, Any] | None, resolved: ResolvedMapping
) -> Iterator[FieldError]:
    """Yield a doubt if a stored opening now belongs to another employer's name."""
    if stored is None or not isinstance(content, OpeningContent):
        return
    before = stored.get("hiringOrganization") or {}
    name = comparable_name(content.hiring_organization.name)
    if comparable_name(str(before.get("name", ""))) != name:
        yield FieldError(
            resolved.column_of("hiringOrganization.name"),
            "differs from the stored name of this employer",
            "与该单位已登记的名称不同，请核对",
        )


def _is_slug(resolved: ResolvedMapping) -> bool:
    return any(
        each.field == "hiringOrganization.id" and each.rule.kind == "slug"
        for each in resolved.rules
    )


def own_doubts(
    content: Any, stored: Mapping[str, Any] | None, resolved: ResolvedMapping, at: datetime
) -> Iterator[FieldError]:
    """Yield a doubt for each column that differs from what the person stated, which stays.

    Values are compared as they would be stored: 太原 names the stored 太原市. Raises Invalid for
    a value that could not be stored.
    """
    if not stored or not stored.get("ownChanges") or not isinstance(content, ProfileContent):
        return
    before = facts.readable_profile(stored)
    unmarked = before.model_copy(update={"own_changes": ()})
    edited = decide_fields(Writer.ROSTER, content, unmarked).content
    wanted = facts.profile_put(edited, at=at, stored=unmarked, writer=Writer.ROSTER)[0].to_dict()
    for each in before.own_changes:
        if _value_of(wanted.get(each.field)) != _value_of(stored.get(each.field)):
            yield FieldError(
                resolved.column_of(each.field),
                "differs from what the person stated later, which is kept",
                "与本人后来填写的内容不同，已保留本人的填写",
            )


def _value_of(value: Any) -> Any:
    """Return a value to compare: of a place its code, however it is written."""
    if isinstance(value, Mapping) and "code" in value:
        return value["scheme"], value["code"]
    return value


def review_doubts(fact: Any, resolved: ResolvedMapping) -> list[FieldError]:
    """Return a doubt for each unlawful demand of an opening that waits for review."""
    if not isinstance(fact, Opening):
        return []
    return [
        replace(each, field=resolved.column_of(each.field.partition(".")[0]))
        for each in awaited_reviews(fact)
    ]
