"""Every mutation that `make test-mutations` runs is possible, and each finding has some."""

from __future__ import annotations

from functools import cache

import pytest

from tests.mutations.catalogue import ROOT, mutations

MUTATIONS = mutations()
LINES = 35


@cache
def source(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("line", range(1, LINES + 1))
def test_every_mutation_of_a_line_is_possible(line: int) -> None:
    """Each text occurs once, so that no edit of the code leaves a mutation without effect."""
    own = [each for each in MUTATIONS if each.line == line]
    assert own
    for edit in (edit for each in own for edit in each.edits):
        assert edit.edited(source(edit.file)) != source(edit.file)


def test_every_mutated_test_is_one_that_the_document_names() -> None:
    document = source("docs/security.md")
    unnamed = {test for each in MUTATIONS for test in each.tests if f"`{test}`" not in document}
    assert not unnamed
