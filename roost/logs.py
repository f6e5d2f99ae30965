"""Logs as JSON lines on standard error: events and ids, never texts that people wrote."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


def configure(level: int = logging.INFO) -> None:
    """Configure structlog and the standard logging of this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    # The metrics already cover what a line for each request would say.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def place_of(error: Exception) -> str:
    """Return the position of a failure, without the error's message, which may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
