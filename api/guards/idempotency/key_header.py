"""What endpoints see of an `Idempotency-Key`: a hash of it and of who asks.

Ids of what a write makes are derived from it: so the same write that comes to two processes at
once, or again after a crash, still makes one thing.
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends, Request


async def _key(request: Request) -> str | None:
    found: str | None = getattr(request.state, "idempotency_key", None)
    return found


async def _seed(request: Request) -> str:
    return await _key(request) or secrets.token_hex(16)


async def _repeatable(request: Request) -> None:
    request.state.repeatable = True


Key = Annotated[str | None, Depends(_key)]
Seed = Annotated[str, Depends(_seed)]
"""What an id is derived from: the key's hash, or chance without one."""
Repeatable = Depends(_repeatable)
"""Of a route whose answer holds more than ids, and that does nothing twice under one key."""
