"""What holds for all tests."""

from __future__ import annotations

import logging

from hypothesis import settings

# A timing is never a pass or a fail; a failure can be made again from what it prints.
settings.register_profile("roost", deadline=None, print_blob=True)
settings.load_profile("roost")

# A broker that starts, or is killed on purpose, is knocked at thousands of times: below a failure
# that would be all that one sees.
logging.getLogger("kafka.net").setLevel(logging.CRITICAL)
