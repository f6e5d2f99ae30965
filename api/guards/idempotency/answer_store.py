"""Storage of answers to keyed writes, shared by all API processes through the topic `requests`."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque

import structlog

from api.guards.idempotency.answer_cache import RETENTION, AnswerCache
from api.ports.following import TopicFollower
from roost.errors import Invalid, RoostError
from roost.events.envelope import decode, record
from roost.events.request import Answered, AnsweredRequests
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Producer, TopicReader
from roost.metrics import NOT_KEPT
from roost.security.county_key import derived
from roost.time.clock import Clock
from roost.topics import REQUESTS

_log = structlog.get_logger(__name__)
AT_ONCE = 200
SOURCE = "/api"


class MemoryAnswerStore:
    """Answers in the memory of this process only, for tests."""

    def __init__(self, key: bytes = b"", most: int = 1_000) -> None:
        self.secret = derived(key, "idempotency")
        self.answers = AnswerCache(most)

    async def caught_up(self) -> None:
        """Return once the answers of the last day are loaded. Raises Transient."""

    async def keep(self, answered: Answered) -> None:
        """Store an answer."""
        self.answers.put(answered, answered.at)


class SharedAnswerStore(MemoryAnswerStore):
    """Answers shared by all processes.

    Answers that arrive while a record is in flight are sent together in the next one, so any
    number of requests costs one record per round trip.
    """

    def __init__(
        self, reader: TopicReader, publisher: Producer, clock: Clock, key: bytes, most: int
    ) -> None:
        super().__init__(key, most)
        self._publisher = publisher
        self._clock = clock
        self._process = secrets.token_hex(8)
        self._waiting: deque[tuple[Answered, asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None
        since = clock.now() - RETENTION
        self._following = TopicFollower(reader, [REQUESTS], self._take, since)

    def start(self) -> None:
        self._following.start()

    async def close(self) -> None:
        await self._following.close()
        if self._writing is not None:
            await self._writing

    async def caught_up(self) -> None:
        await self._following.caught_up()

    async def keep(self, answered: Answered) -> None:
        """Store an answer: in this process at once, for every process on return.

        The write has taken effect, so an answer that cannot be stored is given all the same.
        """
        self.answers.put(answered, answered.at)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((answered, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            answered = tuple(each for each, _ in batch)
            batched = AnsweredRequests(process=self._process, answered=answered)
            try:
                await self._publisher.publish(
                    [record(batched, self._process, source=SOURCE, at=answered[-1].at)]
                )
            except RoostError as error:
                NOT_KEPT.inc(len(batch))
                _log.error("answers_not_stored", count=len(batch), error=type(error).__name__)
            for _, kept in batch:
                if not kept.done():
                    kept.set_result(None)

    def _take(self, incoming: Incoming) -> None:
        if incoming.key == self._process.encode():
            return  # this process stored it before it was published
        try:
            batch = decode(AnsweredRequests, incoming.value or b"null")
        except Invalid:
            _log.error("stored_answers_unreadable", offset=incoming.offset)
            return
        now = self._clock.now()
        for each in batch.answered:
            self.answers.put(each, now)
