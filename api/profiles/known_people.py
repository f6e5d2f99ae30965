"""People who are stored already: found when a worker is registered, and named to the caller.

The caller learns of people within their reach alone, by the reading permission: to everybody else
a registration looks as if nobody were stored. Only a number itself is refused in any case, as every
reference that is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.access import belonging, policy
from api.access.principal import Principal
from api.ports.services import Services
from api.writes.publishing import Written
from producers import facts
from producers.people_search import (
    NOBODY,
    FoundPeople,
    KnownPerson,
    WantedPerson,
    find_people,
    signs_in_words,
)
from roost.errors import Conflict, FieldError, invalid_field
from roost.events.account import AccountRole, Permission
from roost.events.profile import Profile, ProfileContent
from roost.likeness.same_person import Sign, is_by_name, reused_number
from roost.topics import PROFILES


@dataclass(frozen=True, slots=True)
class PersonDecision:
    """Decision of a caller on the stored people who are alike."""

    same_as: str | None = None
    """Stored person whom the content describes."""
    different_from: Collection[str] = ()
    """Stored people whom the content does not describe."""
    by_hand: bool = False
    """True if a person types a new worker in: then every sign asks, and a known number too."""


UNDECIDED = PersonDecision()
HOW_REUSED = {
    Sign.NUMBER: ("", ""),
    Sign.OTHER_NAME: (" under another name", "，且姓名不同"),
    Sign.OTHER_DETAILS: (" with another telephone and home", "，且电话和家乡均不同"),
}
"""Differences of a registration from the stored owner of its number, in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Outcome of a registration, and stored people who are alike; of an edit, none."""

    written: Written
    alike: Sequence[KnownPerson] = ()


class PersonKnown(Conflict):
    """The worker seems to be stored already; `people` are within the caller's reach."""

    slug = "known-person"
    title = "This person may be registered already"
    title_zh = "该人员可能已登记"

    def __init__(
        self, message: str, message_zh: str, people: Sequence[KnownPerson], *, decidable: bool
    ) -> None:
        fault = FieldError("identifier", message, message_zh)
        super().__init__(f"identifier: {message}", f"编号：{message_zh}", fields=(fault,))
        self.people = people
        self.decidable = decidable
        """True if the caller may register the worker as another person."""
        self.extensions = {"people": [on_wire(each) for each in people]}
        self.headers = {
            "link": ", ".join(f'</v1/profiles/{each.id}>; rel="related"' for each in people)
        }


def on_wire(person: KnownPerson) -> dict[str, Any]:
    """Return a stored person as an answer names them: by id and signs, without personal data."""
    signs = [each.value for each in person.signs]
    return {"id": person.id, "self": f"/v1/profiles/{person.id}", "signs": signs}


async def look_up(
    given: Services, who: Principal, content: ProfileContent, decision: PersonDecision
) -> FoundPeople:
    """Return whom a registration may describe; `same` if that is decided.

    Raises Invalid if the decision names a person who was not found.
    """
    wanted = WantedPerson(facts.worker_id_of(content, facts.SOURCE), content)
    all_found = await find(given, who, [wanted], number_alone=decision.by_hand)
    found = all_found.get(wanted.id, NOBODY)
    if decision.same_as is None or found.same is not None or decision.same_as == wanted.id:
        return found
    if decision.same_as not in {each.id for each in found.people}:
        raise invalid_field(
            "sameAs",
            "is no stored worker who looks like this one; edit that worker with PUT",
            "与所填人员并不相似，请直接修改该人员档案",
        )
    return FoundPeople(same=decision.same_as)


async def find(
    given: Services,
    who: Principal,
    wanted: Sequence[WantedPerson],
    *,
    number_alone: bool = False,
) -> dict[str, FoundPeople]:
    """Return the stored people within the caller's reach who may be the wanted ones, by id."""
    reads = Permission.PROFILES_READ
    within = None
    if who.role is not AccountRole.WORKER and policy.may(who, reads):
        within = await belonging.profiles_within_reach(given, who, reads)
    return await find_people(
        given.elastic,
        wanted,
        within,
        number_alone=number_alone,
        is_erased=lambda id: given.latest.is_erased(PROFILES.name, id),
    )


def check_stored(
    who: Principal,
    content: ProfileContent,
    id: str,
    stored: Mapping[str, Any],
    decision: PersonDecision,
) -> None:
    """Raise PersonKnown if a stored worker has the number and is not to be edited.

    That is one with another name, or with another telephone and another home, and any one if
    somebody types a new worker in. Workers change their own data. `content` has its places settled.
    """
    if who.role is AccountRole.WORKER or decision.same_as == id:
        return
    before = Profile.from_stored(stored)
    reused = reused_number(content, before)
    if reused is None and not decision.by_hand:
        return
    sign = reused or Sign.NUMBER
    how, how_zh = HOW_REUSED[sign]
    raise PersonKnown(
        f"is registered already{how}; open that worker to edit it, or use another number",
        f"该编号已登记{how_zh}，请打开已有档案核对修改，或更换编号",
        [
            KnownPerson(
                id,
                (sign,),
                stored["name"],
                stored.get("identifier") or "",
                stored.get("source", ""),
                stored["home"]["name"],
            )
        ],
        decidable=False,
    )


def check_new(found: FoundPeople, decision: PersonDecision) -> None:
    """Raise PersonKnown if a new worker seems to be stored, and nobody has decided otherwise.

    A program is refused for a known number, and for a name together with its telephone. Its answer
    names the other signs.
    """
    left = [each for each in found.people if each.id not in decision.different_from]
    if not decision.by_hand:
        left = [each for each in left if Sign.NUMBER in each.signs or is_by_name(each.signs)]
    if left:
        signs, signs_zh = signs_in_words(left)
        raise PersonKnown(
            f"seems to belong to a person who is registered already ({signs}); open that worker "
            "to edit it, or confirm that this is another person",
            f"该人员可能已登记（{signs_zh}），请打开已有档案核对；如确为另一人，请确认后再登记",
            left,
            decidable=True,
        )
