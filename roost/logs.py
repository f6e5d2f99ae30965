"""Logs as JSON lines, by default on standard error: events and ids, never texts of people."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TextIO

import structlog


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Configure structlog and the standard logging of this process."""
    stream = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    logging.basicConfig(level=logging.WARNING, stream=stream)
    # The metrics already cover what a line for each request would say.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def place_of(error: Exception) -> str:
    """Return the position of a failure, without the error's message, which may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
