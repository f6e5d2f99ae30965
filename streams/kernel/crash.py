"""The hard exits of a stage's process, which commit nothing.

An engine that lived on would commit past the records in hand: Faust acknowledges the event of an
agent that raises. A process that ends at once commits nothing, and they are delivered again.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

STATUS = 70
"""Exit status: an internal software error (`sysexits.h`)."""


def end_process() -> NoReturn:
    """Print the exception being handled and exit without any clean-up."""
    traceback.print_exc(limit=-5, file=sys.stderr)
    sys.stderr.flush()
    os._exit(STATUS)


def abandon_process() -> NoReturn:
    """Exit with status 0 after a stop that a batch in hand did not survive."""
    sys.stderr.flush()
    os._exit(0)
