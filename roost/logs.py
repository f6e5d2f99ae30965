"""Logs as JSON lines on standard error: events and ids, never what people wrote."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


def configure(level: int = logging.INFO) -> None:
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
    # One line a request says nothing that the metrics do not.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def place_of(error: Exception) -> str:
    """Where the code failed, without the error's own words: they may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
