"""The compiler of the local servers' virtual machines, by the settings and the machine."""

from __future__ import annotations

import os

import pytest

from deploy.local.jvm import QUICK, compiler_options
from deploy.local.machine import SMALL
from roost.settings import ServerCompiler


@pytest.mark.parametrize(
    ("chosen", "processors", "brief", "quick"),
    [
        (ServerCompiler.AUTO, SMALL, True, True),
        (ServerCompiler.AUTO, SMALL, False, False),
        (ServerCompiler.AUTO, SMALL + 1, True, False),
        (ServerCompiler.QUICK, 64, False, True),
        (ServerCompiler.FULL, 2, True, False),
    ],
)
def test_a_small_machine_compiles_quickly_for_minutes_unless_told_otherwise(
    chosen: ServerCompiler,
    processors: int,
    brief: bool,
    quick: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert compiler_options(chosen, brief=brief) == (QUICK if quick else ())
