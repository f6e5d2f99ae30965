"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A timing is never a pass or a fail; a failure can be made again from what it prints.
settings.register_profile("roost", deadline=None, print_blob=True)
settings.load_profile("roost")

UNSETTLED = (
    "tests/console/",
    "tests/faults/",
    "tests/stack/test_expiry.py",  # meets workers of other files of tests
    "tests/stack/test_queue.py",
)
"""Red, or not seen green, since the parts of the console and the access came together. They are no
part of `make test` until they are: `make test-unsettled` runs them, and a name leaves this list
with the run that showed it green."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(config.rootpath).as_posix().startswith(UNSETTLED):
            item.add_marker(pytest.mark.unsettled)
