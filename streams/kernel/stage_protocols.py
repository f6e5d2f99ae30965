"""The protocols of a stage: one that is required, and three that are optional."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from roost.kafka.incoming import Fact
from roost.kafka.ports import Partition
from roost.topics import Topic


class Stage(Protocol):
    """A named step from topics to effects, which may be repeated without harm."""

    name: str
    topics: tuple[Topic, ...]

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        """Bring about the effects of these facts; return when all of them are durable."""
        ...


@runtime_checkable
class PeriodicWork(Protocol):
    """Optional protocol: periodic work run alongside the consumer loop."""

    housekeeping_s: float
    """Seconds from the end of one run to the next."""

    async def housekeeping(self) -> None:
        """Run the work once."""
        ...


@runtime_checkable
class BackgroundWork(Protocol):
    """Optional protocol: continuous work run alongside the consumer loop."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Run the work while the context is entered."""
        ...


@runtime_checkable
class PartitionState(Protocol):
    """Optional protocol: state that is valid only while a partition is assigned."""

    def forget(self, partitions: Collection[Partition]) -> None:
        """Drop the state of partitions that another worker may own from now on."""
        ...
