"""Options of the local servers' virtual machines."""

from __future__ import annotations

from deploy.local.machine import is_small
from roost.settings import ServerCompiler

QUICK = ("-XX:TieredStopAtLevel=1",)
"""Compile with C1 alone, as HotSpot names its first compiler.

On two processors C2 takes as much time as Elasticsearch's own work for the first thousand openings.
After that its code is worth it (docs/decisions/0064-quick-compiler-on-small-machines.md).
"""


def compiler_options(chosen: ServerCompiler, *, brief: bool) -> tuple[str, ...]:
    """Return the options of the just-in-time compiler.

    Auto is quick for servers that run briefly on a small machine, and full otherwise.
    """
    auto_quick = chosen is ServerCompiler.AUTO and brief and is_small()
    quick = chosen is ServerCompiler.QUICK or auto_quick
    return QUICK if quick else ()
