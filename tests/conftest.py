"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A timing is never a pass or a fail; a failure can be made again from what it prints.
settings.register_profile("roost", deadline=None, print_blob=True)
settings.load_profile("roost")
