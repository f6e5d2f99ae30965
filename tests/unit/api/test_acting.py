"""As whom somebody acts about a match, what they may say of it, and what they see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.access.belonging import check_match, matches_within_reach
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.matches.acting import (
    PERMISSIONS,
    ActionRefused,
    actor_of,
    check_assignee,
    check_held,
)
from api.matches.match_visibility import visible_match
from api.matches.schemas import Act, check_details
from roost import ids
from roost.errors import Invalid, NotFound
from roost.events.account import Account, AccountRole, Permission
from roost.events.match import About, ActionKind, Actor, Role
from streams.queue.match_projection import match_write
from tests.made import a_match

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE, THERE = ids.station_id("here"), ids.station_id("there")
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
LI = "u-" + "a" * 26


def person(role: AccountRole, **changes: Any) -> Principal:
    return Principal(LI, role, "李娟", login="li", station_ids=(HERE,), **changes)


def machine(role: AccountRole) -> Principal:
    return Principal("k-" + "a" * 26, role, "伙伴系统", station_ids=(HERE,))


def account(**changes: Any) -> Account:
    return Account.model_validate(
        {
            "id": LI,
            "login": "li",
            "name": "李娟",
            "role": "clerk",
            "station_ids": [HERE],
            "created_at": NOW,
        }
        | changes
    )


def document(**changes: Any) -> dict[str, Any]:
    match = a_match(OPENING, WORKER, NOW, station_id=HERE, **changes)
    return match_write(match, match.to_json(), 7).document | {
        "fact": match.to_dict(),
    }


def name(id: str) -> str:
    return {LI: "李娟"}.get(id, id)


@pytest.mark.parametrize(
    ("role", "acts_as"),
    [
        (AccountRole.CLERK, Role.CLERK),
        (AccountRole.CHIEF, Role.CHIEF),
        (AccountRole.ASSOCIATION, Role.CHIEF),
        (AccountRole.WORKER, Role.WORKER),
        (AccountRole.EMPLOYER, Role.EMPLOYER),
    ],
)
def test_a_person_acts_as_themselves_and_names_nobody_else(
    role: AccountRole, acts_as: Role
) -> None:
    assert actor_of(person(role), None) == Actor(role=acts_as, id=LI)
    with pytest.raises(Forbidden):
        actor_of(person(role), Actor(id="wang"))


@pytest.mark.parametrize("role", list(AccountRole))
def test_only_a_key_that_reaches_everything_names_an_actor(role: AccountRole) -> None:
    everywhere = {AccountRole.ASSOCIATION, AccountRole.ADMIN}
    for named in (Actor(id="wang"), Actor(role=Role.CHIEF, id="zhao"), Actor(id=LI)):
        if role in everywhere:
            assert actor_of(machine(role), named) == named
        else:
            with pytest.raises(Forbidden):
                actor_of(machine(role), named)
        with pytest.raises(Forbidden):
            actor_of(person(role), named.model_copy(update={"id": "u-another"}))


def test_nobody_acts_as_the_system() -> None:
    for role in AccountRole:
        with pytest.raises(Forbidden):
            actor_of(machine(role), Actor(role=Role.SYSTEM, id="roost"))


def test_who_watches_acts_on_nothing() -> None:
    with pytest.raises(Forbidden):
        actor_of(person(AccountRole.AUDITOR), None)


def test_a_match_of_another_station_is_not_there() -> None:
    check_match(person(AccountRole.CLERK), Permission.MATCHES_ACT, document())
    with pytest.raises(NotFound):
        check_match(
            person(AccountRole.CLERK), Permission.MATCHES_ACT, document() | {"station_id": THERE}
        )
    with pytest.raises(Forbidden):
        check_match(person(AccountRole.WORKER), PERMISSIONS[ActionKind.ASSIGN], document())


def test_everybody_reads_only_what_is_theirs() -> None:
    def within(who: Principal) -> list[dict[str, Any]]:
        return matches_within_reach(who, Permission.MATCHES_READ)

    assert within(person(AccountRole.ASSOCIATION)) == []
    assert within(person(AccountRole.CLERK)) == [{"terms": {"station_id": [HERE]}}]
    assert within(person(AccountRole.EMPLOYER, employer_id="e")) == [{"term": {"employer_id": "e"}}]
    assert within(person(AccountRole.WORKER, worker_id=WORKER)) == [{"term": {"worker_id": WORKER}}]


def test_who_comes_second_is_told_at_once_who_has_it_by_name() -> None:
    held = document(state="claimed", assigned_to=LI)
    with pytest.raises(ActionRefused) as refused:
        check_held(held, Actor(id="wang"), ActionKind.CONTACT, name)
    assert refused.value.slug == "match-held"
    assert "李娟" in refused.value.message
    assert "李娟" in refused.value.message_zh
    for kind in (ActionKind.ASSIGN, ActionKind.RELEASE, ActionKind.UNDO):
        check_held(held, Actor(role=Role.CHIEF, id="zhao"), kind, name)
    check_held(held, Actor(role=Role.WORKER, id=WORKER), ActionKind.DECLINE, name)


@pytest.mark.parametrize(
    "known", [None, account(station_ids=[THERE]), account(disabled=True), account(role="auditor")]
)
def test_a_match_is_assigned_only_to_who_works_at_its_station(known: Account | None) -> None:
    check_assignee(person(AccountRole.CLERK), LI, account(), HERE)
    check_assignee(person(AccountRole.CLERK), LI, account(role="association"), HERE)
    with pytest.raises(Invalid, match="assignee"):
        check_assignee(person(AccountRole.CLERK), LI, known, HERE)


def test_a_machine_assigns_to_a_clerk_that_only_its_house_knows() -> None:
    check_assignee(machine(AccountRole.ADMIN), "wang", None, HERE)
    with pytest.raises(Invalid):
        check_assignee(machine(AccountRole.ADMIN), LI, None, HERE)
    with pytest.raises(Invalid):
        check_assignee(machine(AccountRole.CLERK), "wang", None, HERE)
    with pytest.raises(Invalid):
        check_assignee(person(AccountRole.CLERK), "wang", None, HERE)


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (ActionKind.DECLINE, {}, "reason"),
        (ActionKind.ASSIGN, {}, "assignee"),
        (ActionKind.CLAIM, {"contact": "reached"}, "contact"),
        (ActionKind.CONTACT, {"contact": "call_back"}, "callAgainAt"),
        (ActionKind.CONTACT, {"interview_at": NOW}, "interviewAt"),
        (ActionKind.CONTACT, {"call_again_at": NOW - timedelta(days=1)}, "callAgainAt"),
        (ActionKind.INTERVIEW, {"interview_at": NOW + timedelta(days=999)}, "interviewAt"),
    ],
)
def test_what_is_missing_or_does_not_belong_is_named(
    kind: ActionKind, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_details(kind, Act.model_validate(body), NOW)
    assert [each.field for each in refused.value.fields] == [field]


def test_what_is_asked_for_is_enough() -> None:
    check_details(ActionKind.CLAIM, Act(), NOW)
    check_details(ActionKind.DECLINE, Act.model_validate({"reason": "wage"}), NOW)
    soon = NOW + timedelta(days=1)
    body = Act.model_validate({"interview_at": soon, "interview_by": "phone"})
    check_details(ActionKind.INTERVIEW, body, NOW)


def test_staff_see_who_has_it_by_name_and_how_urgent_it_is() -> None:
    held = document(state="claimed", assigned_to=LI, act_by=NOW - timedelta(hours=1))
    seen = visible_match(person(AccountRole.CLERK), held, name, NOW)
    assert (seen["names"], seen["urgency"]) == ({LI: "李娟"}, "overdue")
    assert seen["version"] == 7


@pytest.mark.parametrize("state", ["claimed", "placed", "declined", "expired"])
@pytest.mark.parametrize("role", [AccountRole.CLERK, AccountRole.CHIEF, AccountRole.ASSOCIATION])
def test_an_ended_match_shows_a_station_neither_residence_nor_priority(
    state: str, role: AccountRole
) -> None:
    about = About(title="焊工", lives_at=("cn:1",), home=("cn:2",), priority=True)
    seen = visible_match(person(role), document(state=state, about=about), name, NOW)["about"]
    shown = state == "claimed" or role is AccountRole.ASSOCIATION
    assert seen["title"] == "焊工"
    assert [each in seen for each in ("livesAt", "home", "priority")] == [shown] * 3
