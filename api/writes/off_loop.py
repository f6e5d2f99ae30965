"""Checks of long texts, run in a thread so that other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def off_loop(check: Callable[[], T]) -> T:
    """Return the result of a check, or raise its error.

    An opening may hold 140,000 characters of text, whose search for unlawful demands can take a
    second. No single pattern search in it takes more than some milliseconds, so the event loop
    gets its turns (`roost.text.scanning`).
    """
    return await asyncio.to_thread(check)
