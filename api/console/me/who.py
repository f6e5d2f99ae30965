"""Whose pages these are: the worker of the account that is signed in."""

from __future__ import annotations

from api.access.policy import Forbidden
from api.access.principal import Principal


def worker_of(who: Principal) -> str:
    """Raises Forbidden for an account that is no worker's: staff have pages of their own."""
    if who.worker_id is None:
        raise Forbidden(
            "These pages are a worker's own; your account is not a worker's.",
            "此页面仅供务工人员本人使用，您的账号不是务工人员账号。",
        )
    return who.worker_id
