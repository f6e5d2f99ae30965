"""Number of open live streams: limited for each caller, and for this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from roost.errors import Refused

RETRY_AFTER_S = 30


class TooManyStreams(Refused):
    """The caller, or this process, has as many open streams as it may have."""

    status = 429
    slug = "too-many-streams"
    title = "Too many open streams"
    title_zh = "实时连接过多"

    def __init__(self, message: str, message_zh: str) -> None:
        super().__init__(message, message_zh)
        self.headers = {"retry-after": str(RETRY_AFTER_S)}


class OpenStreams:
    """Counts the open streams and waiting requests of this process, by caller."""

    def __init__(self, most_per_principal: int, most: int) -> None:
        self._most_per_principal = most_per_principal
        self._most = most
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open.total()

    @contextmanager
    def one(self, owner: str) -> Iterator[None]:
        """Hold one stream open. Raises TooManyStreams."""
        if self._open[owner] >= self._most_per_principal:
            raise TooManyStreams(
                f"You have {self._most_per_principal} live streams open, the most for one account "
                f"or for all keys of one owner; close one and try again in {RETRY_AFTER_S} s.",
                f"您已打开 {self._most_per_principal} 个实时连接，已达上限"
                "（按账号，或按同一单位、服务站的全部密钥计算），"
                f"请关闭一个，并在 {RETRY_AFTER_S} 秒后重试。",
            )
        if self._open.total() >= self._most:
            raise TooManyStreams(
                f"The service has {self._most} live streams open, its limit; try again in "
                f"{RETRY_AFTER_S} s, or read without a stream.",
                f"服务的实时连接已达上限 {self._most} 个，请在 {RETRY_AFTER_S} 秒后重试，"
                "或改用普通查询。",
            )
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]
