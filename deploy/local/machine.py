"""The size of this machine, by which defaults are chosen."""

from __future__ import annotations

import os

SMALL = 4
"""Most processors of a small machine."""


def is_small() -> bool:
    """Return whether this machine has few processors."""
    return (os.cpu_count() or 1) <= SMALL
