"""Errors, classified by the action they require.

RoostError
├── Invalid          the input is at fault: refuse it, or send it to `dead-letters`
│   ├── BadRequest   the request itself is wrong: an unknown parameter, a foreign cursor
│   ├── TooLarge     the input exceeds the maximum size of a record
│   └── (places, imports and models add their own)
├── Refused          the input is well formed, but the action is not possible now
│   ├── NotFound       the object does not exist
│   ├── Conflict       the object belongs to someone else, or its state does not permit the action
│   └── Unlawful       the input demands what the law forbids (a discriminating criterion)
├── Transient        a server is away or busy: retry with back-off; nothing is lost
└── Fatal            this process cannot continue safely: exit, so that another takes over
    ├── NotLetIn       a server refuses our name, password, key or certificate: fix the settings
    └── (a stage's stop at too many dead letters adds its own)

Each message is one plain sentence in English and Chinese that names the field and the remedy. It
never repeats personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """Fault of one field: its path (`jobLocation.name`), and the fault in both languages."""

    field: str
    message: str
    message_zh: str = ""
    span: tuple[int, int] | None = None
    """Start and end of the words at fault in the field's text, in characters, if it is a part."""
    candidates: tuple[str, ...] = ()
    """Keys of the places that the field's text may name."""


class RoostError(Exception):
    """Root of all errors; `status` is the HTTP status of the API's answer."""

    status = 500
    slug = "error"
    title = "Internal error"
    title_zh = "内部错误"
    headers: Mapping[str, str] = MappingProxyType({})
    """HTTP headers of the answer, e.g. how to sign in or when to retry."""
    extensions: Mapping[str, Any] = MappingProxyType({})
    """Further members of the problem document (RFC 9457, 3.2), e.g. the records in conflict."""

    def __init__(
        self, message: str, message_zh: str = "", *, fields: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.message_zh = message_zh or message
        self.fields = fields


E = TypeVar("E", bound=RoostError)


class Invalid(RoostError):
    """The input is at fault."""

    status = 422
    slug = "invalid"
    title = "The input is not valid"
    title_zh = "输入内容有误"


def at_field(kind: type[E], field: str, message: str, message_zh: str) -> E:
    """Return an error of a kind for one field; `message` continues after the field's name.

    Pages name the field in their own words, so it is never a part of the text alone.
    """
    return kind(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )


def invalid_field(
    field: str, message: str, message_zh: str, candidates: tuple[str, ...] = ()
) -> Invalid:
    """Return the error for one field; `message` continues after the field's name."""
    error = at_field(Invalid, field, message, message_zh)
    if candidates:
        error.fields = (FieldError(field, message, message_zh, candidates=candidates),)
    return error


class BadRequest(Invalid):
    """The request itself is wrong: an unknown parameter, or a token issued for another one."""

    status = 400
    slug = "bad-request"
    title = "The request is not valid"
    title_zh = "请求有误"


class TooLarge(Invalid):
    """The input exceeds the maximum size of a record."""

    status = 413
    slug = "too-large"
    title = "The input is too large"
    title_zh = "输入内容过大"


class Refused(RoostError):
    """The action is not possible now, although the input is well formed."""

    status = 409
    slug = "refused"
    title = "This cannot be done now"
    title_zh = "当前不能执行此操作"


class NotFound(Refused):
    """The object does not exist, or the caller may not know of it."""

    status = 404
    slug = "not-found"
    title = "Not found"
    title_zh = "未找到"


class Conflict(Refused):
    """The object belongs to someone else, or its state does not permit the action."""

    slug = "conflict"
    title = "Conflicts with the current state; reload and try again"
    title_zh = "与当前状态冲突，请刷新后重试"


def conflicting_field(field: str, message: str, message_zh: str) -> Conflict:
    """Return the conflict over one field; `message` continues after the field's name."""
    return at_field(Conflict, field, message, message_zh)


class Unlawful(Refused):
    """The input demands what the law forbids."""

    status = 422
    slug = "unlawful"
    title = "The law forbids this criterion"
    title_zh = "法律禁止的招聘条件"


class Transient(RoostError):
    """A server is away or busy; a retry may succeed."""

    status = 503
    slug = "unavailable"
    title = "The service is temporarily unavailable"
    title_zh = "服务暂时不可用"


class Fatal(RoostError):
    """This process cannot continue safely and has to exit."""

    status = 500
    slug = "fatal"


class NotLetIn(Fatal):
    """A server refuses our name, password, key or certificate."""

    status = 503
    slug = "not-let-in"
    title = "The service is not available"
    title_zh = "服务不可用"
