"""Worker of the account that is signed in: the owner of the pages."""

from __future__ import annotations

from api.access.policy import Forbidden
from api.access.principal import Principal


def worker_of(who: Principal) -> str:
    """Return the worker's id. Raises Forbidden for any other account: staff have other pages."""
    if who.worker_id is None:
        raise Forbidden(
            "These pages are only for workers; your account is not a worker's.",
            "此页面仅供务工人员本人使用，您的账号不是务工人员账号。",
        )
    return who.worker_id
