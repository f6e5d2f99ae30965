"""The compiler of the local servers' virtual machines, by the settings and the machine."""

from __future__ import annotations

import os

import pytest

from deploy.local.jvm import QUICK, compiler_options
from deploy.local.machine import SMALL
from roost.settings import ServerCompiler


@pytest.mark.parametrize(
    ("chosen", "processors", "quick"),
    [
        (ServerCompiler.AUTO, SMALL, True),
        (ServerCompiler.AUTO, SMALL + 1, False),
        (ServerCompiler.QUICK, 64, True),
        (ServerCompiler.FULL, 2, False),
    ],
)
def test_a_small_machine_compiles_quickly_unless_told_otherwise(
    chosen: ServerCompiler, processors: int, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert compiler_options(chosen) == (QUICK if quick else ())
