"""Configuration of all tests."""

from __future__ import annotations

import logging

from hypothesis import settings

# Timing never decides a test; a failure prints how to reproduce it.
settings.register_profile("roost", deadline=None, print_blob=True)
settings.load_profile("roost")

# While a broker starts, or is killed on purpose, clients try to connect thousands of times. Those
# messages would hide the failure.
logging.getLogger("kafka.net").setLevel(logging.CRITICAL)
