"""A form that was filled in on what has changed since is refused, in plain words."""

from __future__ import annotations

import pytest

from api.console.shell.form_answers import expected_version, faults_of
from api.guards.conditional import ANYTHING, PreconditionFailed
from roost.errors import Conflict, FieldError


def test_an_edit_holds_for_the_version_that_was_read_only() -> None:
    expected = expected_version("7")
    expected.check(7)
    with pytest.raises(PreconditionFailed) as refused:
        expected.check(8)
    (told,) = faults_of(refused.value)
    assert told.message.startswith("Somebody else has changed it")
    assert told.message_zh


@pytest.mark.parametrize("sent", [None, "", "*", "x"])
def test_what_is_no_version_expects_nothing(sent: str | None) -> None:
    assert expected_version(sent) == ANYTHING


def test_an_error_without_fields_is_one_of_the_whole() -> None:
    assert faults_of(Conflict("No.", "不。")) == (FieldError("(body)", "No.", "不。"),)
