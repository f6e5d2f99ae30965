"""Rules of acting on a match: the actor's role, the holder, and who may be assigned. Pure."""

from __future__ import annotations

from collections.abc import Callable

from api.access.policy import CHIEFS, GRANTS, Forbidden, Reach
from api.access.principal import Principal
from roost.errors import Conflict, at_field, invalid_field
from roost.events.account import Account, AccountRole, Permission
from roost.events.match import ActionKind, Actor, MatchState, Role
from roost.rules.allowed_actions import held_by_another
from roost.views.elastic import Json
from roost.wording.action_words import refusal

ACTING_ROLES: dict[AccountRole, Role] = {
    AccountRole.EMPLOYER: Role.EMPLOYER,
    AccountRole.WORKER: Role.WORKER,
    AccountRole.CLERK: Role.CLERK,
    **dict.fromkeys(CHIEFS, Role.CHIEF),
}
"""Role in which an account acts; accounts of other roles act on no match."""
PERMISSIONS = {ActionKind.ASSIGN: Permission.MATCHES_ASSIGN}
"""Permission that an action needs, where it is not `matches:act`."""


class ActionRefused(Conflict):
    """Refusal of an action; `slug` names the reason (`WhyNot`), such as `match-held`."""

    def __init__(
        self, why: str, holder: str, state: MatchState, remedy: tuple[str, str] = ("", "")
    ) -> None:
        english, chinese = refusal(why, holder, state)
        super().__init__(english + remedy[0], chinese + remedy[1])
        self.slug = f"match-{why.replace('_', '-')}"


def actor_of(who: Principal, named: Actor | None) -> Actor:
    """Return the actor of an action: the caller, or the person that a caller's key names.

    Only a key whose role reaches everything names an actor. Raises Forbidden for an actor named by
    anybody else, for the actor `system`, and if the caller's role acts on no match.
    """
    own = ACTING_ROLES.get(who.role)
    if own is None:
        raise Forbidden("Your role acts on no match.", "您的角色不能处理匹配。")
    if named is None or named == Actor(role=own, id=who.id):
        return Actor(role=own, id=who.id)
    if not may_name_others(who) or named.role is Role.SYSTEM:
        raise at_field(
            Forbidden, "actor", "leave it out; you act as yourself.", "请勿填写，操作人即本人。"
        )
    return named


def may_name_others(who: Principal) -> bool:
    """Return whether a caller may name people of another system: a key with reach `all`."""
    return who.is_key and GRANTS[who.role][0] is Reach.ALL


def check_held(
    document: Json, actor: Actor, kind: ActionKind, name_of: Callable[[str], str]
) -> None:
    """Raise ActionRefused early if a colleague holds the match; the queue stage decides finally."""
    holder = document.get("assigned_to")
    if holder and document.get("active") and held_by_another(holder, actor, kind):
        raise ActionRefused("held", name_of(holder), MatchState(document["state"]))


def check_assignee(
    who: Principal, assignee: str, account: Account | None, station_id: str | None
) -> None:
    """Raise Invalid if the assignee does not work at the match's station.

    A key with reach `all` may name a clerk of the calling system, whom this service does not know.
    """
    if account is None:
        if may_name_others(who) and not assignee.startswith("u-"):
            return
        raise invalid_field("assignee", "is no colleague; choose one", "没有该工作人员，请重新选择")
    if not works_at(account, station_id):
        raise invalid_field(
            "assignee", "does not work at this station; choose another", "不在本服务站工作"
        )


def works_at(account: Account, station_id: str | None) -> bool:
    """Return whether an account can hold matches of a station."""
    everywhere = account.role is AccountRole.ASSOCIATION
    there = account.role in {AccountRole.CLERK, AccountRole.CHIEF}
    return not account.disabled and (
        everywhere or (there and station_id is not None and station_id in account.station_ids)
    )
