"""Status changes of an opening: what pages offer, and what each verb sets."""

from __future__ import annotations

import pytest

from api.openings.schemas import STATUS_CHANGES, Verb, verbs_offered
from roost.events.opening import OpeningStatus


@pytest.mark.parametrize("status", OpeningStatus)
def test_an_offered_verb_changes_the_status_and_some_verb_is_offered(status: OpeningStatus) -> None:
    offered = verbs_offered(status)
    assert offered
    assert all(STATUS_CHANGES[verb].status is not status for verb in offered)


def test_every_verb_is_in_the_table() -> None:
    assert set(STATUS_CHANGES) == set(Verb)
    assert {change.status for change in STATUS_CHANGES.values()} == set(OpeningStatus)
