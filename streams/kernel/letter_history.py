"""The recent dead letters of a stage, read from Kafka when partitions are assigned to a process.

A process starts without a window, and a partition may come from another process. Without the
letters parked before, each start would grant the whole allowance again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from roost.events.dead_letter import DeadLetter, DeadLetterStatus, dead_letter_id
from roost.kafka.incoming import newest_readable
from roost.kafka.ports import TopicReader
from roost.time.clock import Clock
from roost.topics import DEAD_LETTERS
from streams.kernel.dead_letter_limit import DeadLetterRules

RECENT = timedelta(days=1)
"""Age up to which dead letters count at a start: the events handled since are not recorded."""
TAIL = 5_000
"""Most records that are read of each partition: those of all stages share the topic."""


class LetterHistory:
    """Reads the dead letters of one stage, each once."""

    def __init__(
        self, stage: str, reader: TopicReader, clock: Clock, rules: DeadLetterRules
    ) -> None:
        self._stage = stage
        self._reader = reader
        self._clock = clock
        self._rules = rules
        self._positions: dict[int, int] = {}

    async def read_new(self) -> list[DeadLetter]:
        """Return the letters parked since the last call, oldest first, as many as the window holds.

        A letter that was retried is not among them. Raises Transient.
        """
        if self._rules.off:
            return []
        newest: dict[str, DeadLetter | None] = {}
        positions = dict(self._positions)
        batches = self._reader.read_to_end(DEAD_LETTERS, last=TAIL, start=positions)
        async for batch in batches:
            newest |= {fact.key: fact.event for fact in newest_readable(batch)}
            positions |= {each.partition: each.offset + 1 for each in batch}
        self._positions = positions
        since = self._clock.now() - RECENT
        letters = [each for each in newest.values() if each and self._counts(each, since)]
        letters.sort(key=lambda each: (each.at, each.place))
        return letters[-self._rules.window :]

    def restart(self) -> None:
        """Let the next call return all recent letters again."""
        self._positions = {}

    def _counts(self, letter: DeadLetter, since: datetime) -> bool:
        """Return whether a record failed at this stage lately, and nobody has retried it."""
        return (
            letter.stage == self._stage
            and letter.status is DeadLetterStatus.PARKED
            and letter.at >= since
            and letter.id == dead_letter_id(*letter.place, self._stage)
        )
