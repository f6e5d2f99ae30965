"""The error of a value that cannot be read, with the remedy in both languages."""

from __future__ import annotations


class NotUnderstood(Exception):
    """Value that cannot be read without guessing; the messages continue after a column's name."""

    def __init__(self, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.message = message
        self.message_zh = message_zh
