"""Retries of effects for as long as a server is away or busy."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from roost.errors import Transient
from roost.metrics import RETRIED

_log = structlog.get_logger(__name__)
T = TypeVar("T")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 5.0


async def retry_transient(step: str, effect: Callable[[], Awaitable[T]]) -> T:
    """Repeat an effect until it raises no Transient: exponential back-off with jitter.

    `step` names the effect in the log and in the metrics.
    """
    wait = FIRST_WAIT_S
    while True:
        try:
            return await effect()
        except Transient as error:
            RETRIED.labels(step).inc()
            _log.warning("step_retried", step=step, error=str(error), wait_s=round(wait, 2))
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(wait * 2, LONGEST_WAIT_S)
