"""Traditional Chinese characters as simplified ones, for lookup only: texts are shown as written.

Each character is converted by itself, so that positions in the text stay the same. Words that
differ between regions (計程車, 出租车) stay different.

Source: OpenCC's table `t2s` (Apache-2.0, https://github.com/BYVoid/OpenCC).
"""

from __future__ import annotations

from functools import cache


def simplified(text: str) -> str:
    """Return the text in simplified characters; its length stays the same."""
    return text if text.isascii() else text.translate(_table())


class _Characters(dict[int, int]):
    """Simplified form of each character read so far; bounded by the size of Unicode."""

    def __init__(self) -> None:
        from opencc import OpenCC  # the tables take a moment to load

        super().__init__()
        self._convert = OpenCC("t2s").convert

    def __missing__(self, code: int) -> int:
        if code < 0x3400 or 0xD800 <= code < 0xE000:
            return self.setdefault(code, code)
        return self.setdefault(code, ord(self._convert(chr(code))))


@cache
def _table() -> _Characters:
    return _Characters()
