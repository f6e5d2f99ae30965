"""Configuration of all tests."""

from __future__ import annotations

import logging
import os

from hypothesis import settings

from roost import ids
from roost.security.county_key import id_key

# All tests, and the processes that they start, belong to one county.
COUNTY_KEY = os.environ.setdefault("ROOST_WEBHOOK_KEY", "the key of the county of all tests")
ids.install(id_key(COUNTY_KEY.encode()))

# Timing never decides a test; a failure prints how to reproduce it.
settings.register_profile("roost", deadline=None, print_blob=True)
settings.load_profile("roost")

# While a broker starts, or is killed on purpose, clients try to connect thousands of times. Those
# messages would hide the failure.
logging.getLogger("kafka.net").setLevel(logging.CRITICAL)
