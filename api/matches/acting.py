"""Who acts on a match: whoever asks, never whom the body names. Pure."""

from __future__ import annotations

from api.identity.principal import Principal
from api.policy import GRANTS, Forbidden, Reach
from roost.events.account import AccountRole
from roost.events.match import Actor, Role

ROLES = {AccountRole.EMPLOYER: Role.EMPLOYER, AccountRole.WORKER: Role.WORKER}


def actor_of(who: Principal, named: Actor | None) -> Actor:
    """The actor as the queue stage judges it: by its id, for its topic is append-only.

    Raises Forbidden for somebody else's name, but from a key that reaches everything: the system
    behind it knows its own clerks.
    """
    own = Actor(role=ROLES.get(who.role, Role.CLERK), id=who.id)
    if named is None or named == own:
        return own
    if who.is_key and GRANTS[who.role][0] is Reach.ALL:
        return named
    raise Forbidden(
        "actor: leave it out; who asks is who acts.", "actor：请勿填写，操作人即登录人。"
    )
