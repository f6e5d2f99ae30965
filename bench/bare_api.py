"""The bare endpoint that `bench.api_load` compares with: a body in, a record acknowledged, 202.

Framework, server, server settings and publisher are those of the API. Nothing is parsed, checked,
derived or stored.

    python -m bench.bare_api BOOTSTRAP_SERVERS PORT
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request

from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.events.envelope import Record
from roost.events.opening import Opening
from roost.topics import Topic

TOPIC = Topic("bench-bare-api", Opening, "bench", "chance", "of the bare endpoint", partitions=6)


def bare(bootstrap_servers: str) -> FastAPI:
    connected = Publisher(bootstrap_servers)
    publisher = EventLoopPublisher(connected)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        connected.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/openings", status_code=202)
    async def post(request: Request) -> dict[str, str]:
        record = Record(TOPIC, secrets.token_hex(16), await request.body(), [])
        await publisher.publish([record])
        return {"id": record.key}

    return app


if __name__ == "__main__":
    uvicorn.run(
        bare(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
    )
