"""What can go wrong, by what to do about it.

RoostError
├── Invalid          the input is at fault: refuse it, or park it in `dead-letters`
│   ├── TooLarge     the input is larger than a record may be
│   └── (places, imports and models add their own)
├── Refused          the input is well formed, but this may not be done now
│   ├── NotFound       what it names does not exist
│   ├── Conflict       it belongs to someone else, or the state does not allow it
│   └── Unlawful       it asks for what the law forbids (a discriminating criterion)
├── Transient        a server is away or busy: try again, with back-off; nothing is lost
└── Fatal            this process cannot go on safely: exit, so that another takes over
    └── NotLetIn       a server refuses our name, password, key or certificate: mend the settings

Every message is one plain sentence that names the field and the remedy, in English and Chinese,
and never repeats the personal data that it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: where (`jobLocation.name`), and what, in both languages."""

    field: str
    message: str
    message_zh: str = ""


class RoostError(Exception):
    """The root: `status` is the HTTP status that the error becomes at the API."""

    status = 500
    slug = "error"
    title = "Internal error"
    title_zh = "内部错误"
    headers: Mapping[str, str] = MappingProxyType({})
    """What the answer says beside, in HTTP headers: how to sign in, when to try again."""

    def __init__(
        self, message: str, message_zh: str = "", *, fields: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.message_zh = message_zh or message
        self.fields = fields


class Invalid(RoostError):
    status = 422
    slug = "invalid"
    title = "The input is not valid"
    title_zh = "输入内容有误"


def invalid_field(field: str, message: str, message_zh: str) -> Invalid:
    """One field is at fault: `message` goes on from its name."""
    return Invalid(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )


class TooLarge(Invalid):
    status = 413
    slug = "too-large"
    title = "The input is too large"
    title_zh = "输入内容过大"


class Refused(RoostError):
    status = 409
    slug = "refused"
    title = "This cannot be done now"
    title_zh = "当前不能执行此操作"


class NotFound(Refused):
    status = 404
    slug = "not-found"
    title = "Not found"
    title_zh = "未找到"


class Conflict(Refused):
    slug = "conflict"
    title = "Conflicts with the current state; reload and try again"
    title_zh = "与当前状态冲突，请刷新后重试"


class Unlawful(Refused):
    status = 422
    slug = "unlawful"
    title = "The law forbids this criterion"
    title_zh = "法律禁止的招聘条件"


class Transient(RoostError):
    status = 503
    slug = "unavailable"
    title = "The service is temporarily unavailable"
    title_zh = "服务暂时不可用"


class Fatal(RoostError):
    status = 500
    slug = "fatal"


class NotLetIn(Fatal):
    status = 503
    slug = "not-let-in"
    title = "The service is not available"
    title_zh = "服务不可用"
