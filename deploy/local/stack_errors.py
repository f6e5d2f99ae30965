"""Errors that keep the local stack from starting: one plain sentence, with the remedy."""

from __future__ import annotations

from roost.errors import RoostError


class CannotStart(RoostError):
    """The stack cannot start; the message names the fault and the remedy."""
