"""Options of the local servers' virtual machines."""

from __future__ import annotations

from deploy.local.machine import is_small
from roost.settings import ServerCompiler

QUICK = ("-XX:TieredStopAtLevel=1",)
"""Compile with C1 alone, as HotSpot names its first compiler.

C2 makes code that is some tenths faster. On two processors it took as much time as Elasticsearch's
own work for the first thousand openings (docs/decisions/0064-quick-compiler-on-small-machines.md).
"""


def compiler_options(chosen: ServerCompiler) -> tuple[str, ...]:
    """Return the options of the just-in-time compiler; auto is quick on a small machine."""
    quick = chosen is ServerCompiler.QUICK or (chosen is ServerCompiler.AUTO and is_small())
    return QUICK if quick else ()
