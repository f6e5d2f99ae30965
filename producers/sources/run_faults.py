"""Failures of a run, with the reason that the console shows."""

from __future__ import annotations

from datetime import timedelta

from roost.errors import RoostError
from roost.events.source import RunFault


class RunFailed(RoostError):
    """A run could not read its source; nothing of it was closed."""

    def __init__(
        self,
        fault: RunFault,
        message: str,
        message_zh: str,
        *,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, message_zh)
        self.fault = fault
        self.retry_after = retry_after


def too_large(most_bytes: int) -> RunFailed:
    """Return the failure for an answer or a file of too many bytes."""
    most = most_bytes // 1_000_000
    return RunFailed(
        RunFault.TOO_LARGE,
        f"The answer is larger than {most} MB; ask the partner for a smaller one.",
        f"内容超过 {most} MB，请与合作方商定更小的文件。",
    )


def too_many_listed(most: int) -> RunFailed:
    """Return the failure for a source that lists more advertisements than one source may."""
    return RunFailed(
        RunFault.TOO_LARGE,
        f"The source lists more than {most:,} advertisements; check that each keeps its reference "
        "from run to run, and confirm withdrawals that wait.",
        f"该来源的岗位超过 {most:,} 个，请核对岗位编号是否每次不变，并确认待处理的撤回。",
    )


def refused_address() -> RunFailed:
    """Return the failure for a URL that leads to an address which is not public."""
    return RunFailed(
        RunFault.REFUSED,
        "The URL leads to an address that is not public; correct it.",
        "该网址指向非公网地址，请更正。",
    )
