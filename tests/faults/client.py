"""A client of the API that retries with the same reference, as an employer's system does."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping

import httpx

from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.topics import OPENINGS, PROFILES, Topic
from tests.faults.evidence import TopicRecord
from tests.faults.workload import Workload

SOURCE = "api"
"""Source that the API records for facts posted to it."""
OWN = {"id", "status", "source"}


class Client:
    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.answers: Counter[str] = Counter()
        """Counts by status; `none` where the connection broke."""
        self.slowest_s = 0.0
        self.accepted: list[TopicRecord] = []
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=40)

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, event: Profile | Opening) -> int | None:
        """Try once; return None when the connection broke."""
        topic = OPENINGS if isinstance(event, Opening) else PROFILES
        body = {name: value for name, value in event.to_dict().items() if name not in OWN}
        if isinstance(event, Profile):
            body.pop("status", None)
        began = time.monotonic()
        try:
            answer = await self._http.post(
                f"/v1/{topic.name}", json=body, headers={"idempotency-key": event.id}
            )
        except httpx.TransportError:
            self.answers["none"] += 1
            return None
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        self.answers[str(answer.status_code)] += 1
        if answer.status_code in {200, 201, 202}:
            self.accepted.append(_accepted_record(topic, answer.json()))
        elif answer.status_code < 500 and answer.status_code != 429:
            raise AssertionError(f"{answer.status_code}: {answer.text}")
        return answer.status_code

    async def post_all(self, made: Workload, *, pause_s: float = 0.0) -> None:
        """Post every event of the load in order, each until it is accepted."""
        for event in made.entities:
            await self.post_until_accepted(event)
            await asyncio.sleep(pause_s)

    async def post_until_accepted(self, event: Profile | Opening, *, tries: int = 600) -> None:
        for _ in range(tries):
            if await self.post(event) in {200, 201, 202}:
                return
            await asyncio.sleep(0.3)
        raise AssertionError(f"{event.id} was not accepted in {tries} tries: {self.answers}")


def _accepted_record(topic: Topic, answer: dict[str, object]) -> TopicRecord:
    key, version = str(answer["id"]), int(str(answer["version"]))
    return TopicRecord(topic.name, topic.partition_of(key), version - 1, key, b"{}")
