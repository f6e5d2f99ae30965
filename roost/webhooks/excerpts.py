"""Excerpts of webhooks' answers that hold no personal data: pure.

A receiver may answer with anything, also with names and numbers of people. Deliveries are kept for
a year in a topic without personal data. So an excerpt keeps the words of a technical vocabulary and
the punctuation between them; every other word or number becomes `…`.
"""

from __future__ import annotations

import re
from itertools import groupby

LONGEST_EXCERPT = 200
LONGEST_READ = 2_000
"""Most bytes of an answer that an excerpt is made of."""
WORDS = frozenset(
    """
    a an and are argument argumentexception authentication authorization bad body busy cannot
    certificate client code config configuration conflict connection content content-type could
    data database denied detail duplicate empty error errors exception exceeded expected expired
    fail failed failure false field forbidden found gateway gone handler has header headers host
    hmac html http https id in internal invalid is json key length limit malformed match maximum
    message method mismatch missing must not null object of ok on or parameter parse parser
    parsing path payload permission please post properties property proxy queue quota rate read
    received refused rejected request required resource response retry schema secret server service
    signature size source status string success syntax system temporarily the timeout timestamp to
    token too large many long type unable unauthorized unavailable undefined unexpected unknown
    unprocessable unsupported url value verification version wait was webhook with wrong
    """.split()  # noqa: SIM905
)
PHRASES = frozenset(
    """
    内部错误 服务器 签名 验证 校验 失败 错误 无效 缺少 参数 字段 请求 超时 未授权 拒绝 禁止 不存在
    未找到 已过期 过期 时间戳 密钥 重复 格式 系统 繁忙 稍后 重试 服务 不可用 数据库 异常 成功 接收
    超出 限制 频率 过高 类型 不支持 为空 消息 状态 地址 权限
    """.split()  # noqa: SIM905
)
_TOKENS = re.compile(rf"{'|'.join(sorted(PHRASES, key=len, reverse=True))}|[A-Za-z-]+|\s+|\W|\w")
_PUNCTUATION = frozenset("{}[]()<>:;,./\"'=!?-_ ，。：；（）！？、")


def excerpt_of(body: bytes) -> str:
    """Return the beginning of an answer as technical words, without personal data."""
    text = body[:LONGEST_READ].decode("utf-8", "replace")
    tokens = (match[0] for match in _TOKENS.finditer(text))
    kept = (" " if each.isspace() else each if _is_known(each) else "…" for each in tokens)
    merged = (key if key in "… " else key * len(list(run)) for key, run in groupby(kept))
    return "".join(merged).strip()[:LONGEST_EXCERPT]


def _is_known(token: str) -> bool:
    return token in _PUNCTUATION or token in PHRASES or token.lower() in WORDS
