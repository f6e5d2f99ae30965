"""Parameters of the streams that all tabs of a browser share; `live.js` sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from api.access.requirements import Who
from api.console.shell.rendering import write_in
from api.live.merging import MOST_PARTS
from roost.errors import Conflict
from roost.events.common import Language

Since = Annotated[str, Query(max_length=1_000)]


@dataclass(frozen=True, slots=True)
class SharedStream:
    """Positions from which the tabs resume, in their order."""

    since: list[str]

    def since_of(self, count: int) -> list[str]:
        """Return a position for each tab; an empty one means now."""
        return [*self.since, *[""] * count][:count]


async def shared_stream(
    request: Request,
    who: Who,
    since: Annotated[list[Since] | None, Query(max_length=MOST_PARTS)] = None,
    account: Annotated[str, Query(alias="as", max_length=64)] = "",
    lang: Annotated[Language | None, Query()] = None,
) -> SharedStream:
    """Return the parameters, and have the answer written in the language of the open pages.

    Raises Conflict if the tabs were opened by another account.
    """
    if account and account != who.id:
        raise Conflict(
            "Another account has signed in since this page was opened; reload it.",
            "打开此页面后已有其他账号登录，请重新加载页面。",
        )
    if lang is not None:
        write_in(request, lang)
    return SharedStream(since or [])


Shared = Annotated[SharedStream, Depends(shared_stream)]
