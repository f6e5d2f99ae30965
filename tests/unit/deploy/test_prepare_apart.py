"""The servers are prepared in a child process; its words are shown, and its failure stops."""

from __future__ import annotations

import sys

import pytest

from deploy.local.stack_errors import CannotStart
from deploy.up import SHOWN_LINES, run_apart


def python(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


def test_each_line_of_the_child_is_shown() -> None:
    said: list[str] = []
    run_apart(python("print('one'); print('two')"), {}, said.append)
    assert said == ["one", "two"]


def test_a_child_that_fails_is_an_error_with_its_last_lines() -> None:
    said: list[str] = []
    text = "import sys; [print(n) for n in range(40)]; print('away', file=sys.stderr); sys.exit(3)"
    with pytest.raises(CannotStart, match="away") as failure:
        run_apart(python(f"import os\n{text}"), {}, said.append)
    assert len(str(failure.value).splitlines()) == SHOWN_LINES + 1
    assert "away" in said
