"""The status of an answer decides the action."""

from __future__ import annotations

import pytest

from roost.errors import NotLetIn, Transient
from roost.views.answers import Write, refusal_of

WRITE = Write("profiles", "w-1", 1, {})


def test_a_view_that_is_being_rebuilt_is_waited_for_and_a_door_that_is_closed_is_not() -> None:
    blocked = {"status": 403, "error": {"type": "cluster_block_exception"}}
    with pytest.raises(Transient):
        refusal_of(WRITE, blocked)
    closed = {"status": 403, "error": {"type": "security_exception"}}
    with pytest.raises(NotLetIn, match="role"):
        refusal_of(WRITE, closed)
