"""Segments of a text message, by which the providers in China bill it.

A text of up to 70 characters is one message. A longer one is split into segments of 67 characters,
since each then carries a header. Every character counts as one, and the sign name 【…】 as well.
Source: help.aliyun.com, "短信长度计算规则"; cloud.tencent.com, "国内短信计费".
"""

from __future__ import annotations

ONE_MESSAGE, EACH_SEGMENT = 70, 67


def segments(text: str) -> int:
    """Return the number of segments of a text with its sign name; at least 1."""
    length = len(text)
    return 1 if length <= ONE_MESSAGE else -(-length // EACH_SEGMENT)
