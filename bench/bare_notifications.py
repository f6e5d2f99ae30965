"""The bare loop that `bench.notifications` compares with: consume, POST, produce, commit.

It is the simplest program that loses no notification. It sends the notification unchanged, without
lookups, wording or signature. After an interruption it sends the batch again.

    python -m bench.bare_notifications BOOTSTRAP_SERVERS URL
"""

from __future__ import annotations

import asyncio
import sys

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

GROUP = "bench-bare"
TAKES, SAYS = "bench-notifications", "bench-deliveries"
BATCH = 200
"""Most messages at once, as in a stage."""
AT_ONCE = 16


async def run(bootstrap_servers: str, url: str) -> None:
    consumer = AIOKafkaConsumer(
        TAKES,
        bootstrap_servers=bootstrap_servers,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    places = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient() as client, consumer, producer:

        async def post(key: bytes, body: bytes) -> asyncio.Future[object]:
            async with places:
                answer = await client.post(url, content=body)
            result = b"sent" if answer.status_code == 200 else b"failed"
            return await producer.send(SAYS, key=key, value=result)

        while True:
            batches = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            messages = [each for batch in batches.values() for each in batch]
            if messages:
                sent = await asyncio.gather(*(post(each.key, each.value) for each in messages))
                await asyncio.gather(*sent)
                await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
