"""As whom somebody acts about a match, and to whom a match may be given: pure."""

from __future__ import annotations

from collections.abc import Callable

from api.access.policy import Forbidden
from api.access.principal import Principal
from roost.errors import Conflict, invalid_field
from roost.events.account import Account, AccountRole, Permission
from roost.events.match import ActionKind, Actor, MatchState, Role
from roost.views.elastic import Json
from roost.wording.action_words import refusal

ROLE: dict[AccountRole, Role] = {
    AccountRole.EMPLOYER: Role.EMPLOYER,
    AccountRole.WORKER: Role.WORKER,
    AccountRole.CLERK: Role.CLERK,
    AccountRole.CHIEF: Role.CHIEF,
    AccountRole.ASSOCIATION: Role.CHIEF,
    AccountRole.ADMIN: Role.CHIEF,
}
FOR: dict[AccountRole, frozenset[Role]] = {
    AccountRole.CHIEF: frozenset({Role.CLERK, Role.CHIEF}),
    AccountRole.ASSOCIATION: frozenset(Role) - {Role.SYSTEM},
    AccountRole.ADMIN: frozenset(Role) - {Role.SYSTEM},
}
"""For whom a key of a role may act beside its own."""
NEEDS = {ActionKind.ASSIGN: Permission.MATCHES_ASSIGN}
"""What an action needs, where that is not `matches:act`."""
NOT_THE_HOLDERS = frozenset({ActionKind.ASSIGN, ActionKind.RELEASE, ActionKind.UNDO})
"""What somebody else than who has a match may do, sometimes: the queue stage decides."""


class ActionRefused(Conflict):
    """`slug` says why: `match-held`, `match-state`, … (`WhyNot`)."""

    def __init__(self, why: str, holder: str, state: MatchState) -> None:
        super().__init__(*refusal(why, holder, state))
        self.slug = f"match-{why.replace('_', '-')}"


def actor_of(who: Principal, named: Actor | None) -> Actor:
    """Raises Forbidden for a person who names another, and a key that may not act for them."""
    own = ROLE.get(who.role)
    if own is None:
        raise Forbidden("Your role acts on no match.", "您的角色不能处理匹配。")
    if named is None or named == Actor(role=own, id=who.id):
        return Actor(role=own, id=who.id)
    if not who.is_key or named.role not in FOR.get(who.role, frozenset({own})):
        raise Forbidden(
            "actor: leave it out; you act as yourself.", "actor：请勿填写，操作人即本人。"
        )
    return named


def check_held(document: Json, actor: Actor, kind: ActionKind, name: Callable[[str], str]) -> None:
    """A clear answer at once when a colleague has it; the queue stage has the last word."""
    holder = document.get("assigned_to")
    if (
        holder
        and actor.role.staff
        and holder != actor.id
        and kind not in NOT_THE_HOLDERS
        and document.get("active")
    ):
        raise ActionRefused("held", name(holder), MatchState(document["state"]))


def check_assignee(
    who: Principal, assignee: str, account: Account | None, station_id: str | None
) -> None:
    """Raises Invalid for somebody who does not work at the match's station.

    A key may name a clerk of its own house, whom only that house knows.
    """
    if account is None:
        if who.is_key and not assignee.startswith("u-"):
            return
        raise invalid_field("assignee", "is no colleague; choose one", "没有该工作人员，请重新选择")
    if not works_at(account, station_id):
        raise invalid_field(
            "assignee", "does not work at this station; choose another", "不在本服务站工作"
        )


def works_at(account: Account, station_id: str | None) -> bool:
    """Whether somebody can have matches of a station."""
    everywhere = account.role is AccountRole.ASSOCIATION
    there = account.role in {AccountRole.CLERK, AccountRole.CHIEF}
    return not account.disabled and (
        everywhere or (there and station_id is not None and station_id in account.station_ids)
    )
