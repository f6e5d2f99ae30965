"""The server ends by its deadline, also while a thread waits for a broker."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, sys, time
from contextlib import asynccontextmanager
import uvicorn
from fastapi import FastAPI
from api import stopping

stopping.STOP_WITHIN_S = 1.5

@asynccontextmanager
async def lifespan(app):
    print("started", flush=True)
    yield
    print("flushed", flush=True)
    asyncio.get_running_loop().run_in_executor(None, time.sleep, float(sys.argv[1]))

config = uvicorn.Config(FastAPI(lifespan=lifespan), port=0, log_level="warning")
try:
    stopping.StoppingServer(config).run()
except KeyboardInterrupt:  # uvicorn raises the signal again
    pass
print("ended", flush=True)
"""


@pytest.mark.parametrize(("thread_s", "says"), [("0", "ended"), ("60", "stop_forced")])
def test_a_stop_ends_in_time_after_the_buffers_are_flushed(thread_s: str, says: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, thread_s],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "started\n"
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=40)
    finally:
        server.kill()
    assert "flushed" in said
    assert says in said
