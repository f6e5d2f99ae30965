"""Places in the queue of imports: a few for each owner, and a limit for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from roost.errors import RoostError


class TooManyImports(RoostError):
    """An owner's imports, or those of all, fill the queue."""

    status = 429
    slug = "too-many-imports"
    title = "Too many imports are pending"
    title_zh = "排队中的导入过多"
    headers = MappingProxyType({"retry-after": "60"})


class PendingImports:
    """Counts of uploads and imports that have not ended, by owner."""

    def __init__(self, most_of_owner: int, most: int) -> None:
        self._most_of_owner = most_of_owner
        self._most = most
        self._by_owner: Counter[str] = Counter()

    def reserve(self, owner: str) -> None:
        """Reserve a place before the upload is read. Raises TooManyImports."""
        if self._by_owner[owner] >= self._most_of_owner:
            raise TooManyImports(
                f"{self._most_of_owner} of your imports are pending; send this one when one of "
                "them has ended.",
                f"您已有 {self._most_of_owner} 个导入任务未完成，请等其中一个结束后再上传。",
            )
        if self._by_owner.total() >= self._most:
            raise TooManyImports(
                "Too many imports are pending; send it again in a few minutes.",
                "排队中的导入过多，请几分钟后重试。",
            )
        self._by_owner[owner] += 1

    @contextmanager
    def reserved(self, owner: str) -> Iterator[None]:
        """Reserve a place, and release it if the block fails. Raises TooManyImports."""
        self.reserve(owner)
        try:
            yield
        except BaseException:
            self.release(owner)
            raise

    def release(self, owner: str) -> None:
        """Release a place when an upload has failed or an import has ended."""
        self._by_owner[owner] -= 1
        if self._by_owner[owner] <= 0:
            del self._by_owner[owner]
