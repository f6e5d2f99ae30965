"""The hard exits of a stage's process, which commit nothing.

An engine that lived on would commit past the records in hand: Faust acknowledges the event of an
agent that raises. A process that ends at once commits nothing, and they are delivered again.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

from streams.kernel.dead_letter_limit import StageStopped

STATUS = 70
"""Exit status: an internal software error (`sysexits.h`)."""
STOPPED = 65
"""Exit status of a stage that met too many dead letters: bad data (`sysexits.h`).

A restart alone does not help, so a supervisor waits for minutes before it tries again."""


def end_process(error: Exception) -> NoReturn:
    """Print the error and exit without any clean-up."""
    stopped = _find_stop(error)
    if stopped is not None:
        print(f"{stopped.message}\n{stopped.message_zh}", file=sys.stderr)
    else:
        traceback.print_exception(error, limit=-5, file=sys.stderr)
    sys.stderr.flush()
    os._exit(STATUS if stopped is None else STOPPED)


def _find_stop(error: BaseException) -> StageStopped | None:
    """Return the stop within an error, or within a group of errors; None if there is none."""
    if isinstance(error, BaseExceptionGroup):
        return next((stop for each in error.exceptions if (stop := _find_stop(each))), None)
    return error if isinstance(error, StageStopped) else None


def abandon_process() -> NoReturn:
    """Exit with status 0 after a stop that a batch in hand did not survive."""
    sys.stderr.flush()
    os._exit(0)
