"""What can keep the local stack from starting: one plain sentence, and what to do."""

from __future__ import annotations

from roost.errors import RoostError


class CannotStart(RoostError):
    """The message says what is wrong and what to do for it."""
