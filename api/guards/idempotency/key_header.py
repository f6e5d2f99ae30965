"""The `Idempotency-Key` as endpoints receive it: a hash of the key and the caller.

Ids of created entities are derived from it. So a write that reaches two processes at once, or is
repeated after a crash, still creates one entity.
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
"""Source of a new id: the key's hash, or a random text without a key."""
Repeatable = Depends(_repeatable)
"""Marks a route whose answer holds more than ids, and that is idempotent under one key."""
