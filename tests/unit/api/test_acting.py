from __future__ import annotations

import pytest

from api.identity.principal import Principal
from api.matches.acting import actor_of
from api.policy import Forbidden
from roost.events.account import AccountRole
from roost.events.match import Actor, Role

LI = Actor(id="li")


def person(role: AccountRole) -> Principal:
    return Principal("u-" + "a" * 26, role, "李", login="li")


@pytest.mark.parametrize(
    ("role", "as_whom"),
    [
        (AccountRole.EMPLOYER, Role.EMPLOYER),
        (AccountRole.WORKER, Role.WORKER),
        (AccountRole.CLERK, Role.CLERK),
        (AccountRole.ASSOCIATION, Role.CLERK),
    ],
)
def test_who_asks_is_who_acts(role: AccountRole, as_whom: Role) -> None:
    who = person(role)
    assert actor_of(who, None) == Actor(role=as_whom, id=who.id)
    assert actor_of(who, actor_of(who, None)) == Actor(role=as_whom, id=who.id)


@pytest.mark.parametrize("role", list(AccountRole))
def test_no_person_acts_in_anothers_name(role: AccountRole) -> None:
    with pytest.raises(Forbidden, match="actor"):
        actor_of(person(role), LI)


def test_only_a_key_that_reaches_everything_names_a_clerk() -> None:
    key = Principal("k-" + "a" * 26, AccountRole.ASSOCIATION, "station system")
    assert actor_of(key, LI) == LI
    clerks = Principal("k-" + "a" * 26, AccountRole.CLERK, "station system")
    with pytest.raises(Forbidden):
        actor_of(clerks, LI)
