"""Checks of long texts, run in a thread so that other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SHORT = 1_000
"""Characters of a text that is checked on the event loop: at worst some 15 ms (`bench`)."""


async def off_loop(check: Callable[[], T], characters: int = SHORT + 1) -> T:
    """Return the result of a check, or raise its error; the check of a short text runs at once.

    An opening may hold 140,000 characters of text, whose search for unlawful demands can take a
    second. No single pattern search in it takes more than some milliseconds, so the event loop
    gets its turns (`roost.text.scanning`). For a short text, the way to a thread and back costs
    more than the check.
    """
    if characters <= SHORT:
        return check()
    return await asyncio.to_thread(check)
