"""Conditional requests (RFC 9110, section 13): `If-None-Match` on reads, both headers on edits.

A tag is the version of an entity, so it is a strong one. Answers with a tag forbid transformations:
a proxy that compresses would weaken the tag, and a weak tag never matches in `If-Match`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.errors import Refused

UNCHANGED = "no-transform"
"""Directive of `cache-control` that keeps proxies from compressing, which would weaken the tag."""
REVALIDATED = "private, no-cache"
"""Cache control of tagged answers: they depend on the caller, so a cache must revalidate them."""
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


class PreconditionFailed(Refused):
    """The entity has another version than the `If-Match` or `If-None-Match` header expects."""

    status = 412
    slug = "precondition-failed"
    title = "It has changed since you read it"
    title_zh = "内容已被他人修改"


def tag(version: int | str) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def digest_of(content: BaseModel) -> str:
    """Return a digest that serves as the version of a composite answer."""
    serialised = content.model_dump_json(by_alias=True).encode()
    return hashlib.blake2b(serialised, digest_size=12).hexdigest()


def tagged(response: Response, version: int | str) -> None:
    """Set the ETag of an answer."""
    response.headers["etag"] = tag(version)
    response.headers["cache-control"] = f"{REVALIDATED}, {UNCHANGED}"


@dataclass(frozen=True, slots=True)
class Expected:
    """Tags of the headers `If-Match` and `If-None-Match`; without one, every version is right."""

    tags: frozenset[str] | None = None
    """Tags of which the current one must be one; None without `If-Match`."""
    unwanted: frozenset[str] = frozenset()
    """Tags that the current one must not have; `*` for an entity that must not exist."""

    def check(self, version: int | str, *others: int | str) -> None:
        """Raise PreconditionFailed if the current version is not an expected one.

        `others` are further names of the current version.
        """
        self._check_unwanted(version, others)
        if self.tags is None or self.tags & {tag(version), *map(tag, others), "*"}:
            return
        if _is_seen(version, self.tags):
            return
        if self.tags and all(each.startswith("W/") for each in self.tags):
            raise PreconditionFailed(
                f"If-Match: a weak tag (W/) never matches; send {tag(version)}, and have proxies "
                "leave answers uncompressed.",
                f"If-Match：弱标签（W/）不能用于比较，请发送 {tag(version)}，并关闭代理的压缩。",
            )
        raise PreconditionFailed(
            f"If-Match: the current version is {tag(version)}; read it and edit that version.",
            f"If-Match：当前版本为 {tag(version)}，请重新读取后再修改。",
        )

    def _check_unwanted(self, version: int | str, others: Collection[int | str]) -> None:
        """Raise PreconditionFailed if `If-None-Match` names the current version; weak tags do."""
        if "*" in self.unwanted:
            raise PreconditionFailed(
                "If-None-Match: the entity exists; leave the header out to change it.",
                "If-None-Match：该对象已存在，如需修改请去掉此请求头。",
            )
        unwanted = {each.removeprefix("W/") for each in self.unwanted}
        if unwanted & {tag(version), *map(tag, others)} or _is_seen(version, unwanted):
            raise PreconditionFailed(
                "If-None-Match: this is the current version; leave the header out to change it.",
                "If-None-Match：即为当前版本，如需修改请去掉此请求头。",
            )

    def check_absent(self) -> None:
        """Raise PreconditionFailed for an entity that does not exist: no tag matches, nor `*`."""
        if self.tags is not None:
            raise PreconditionFailed(
                "If-Match: the entity does not exist; leave the header out to create it.",
                "If-Match：该对象不存在，如需新建请去掉此请求头。",
            )


def _is_seen(version: int | str, tags: Collection[str]) -> bool:
    """Return whether a tag names a version in its representation for employers."""
    return any(each.startswith(f'"{version}-') for each in tags)


ANYTHING = Expected()


async def _expected(
    if_match: Annotated[str | None, Header(max_length=1_000)] = None,
    if_none_match: Annotated[str | None, Header(max_length=1_000)] = None,
) -> Expected:
    if if_match is None and if_none_match is None:
        return ANYTHING
    return Expected(
        None if if_match is None else _tags_in(if_match),
        frozenset() if if_none_match is None else _tags_in(if_none_match),
    )


def _tags_in(header: str) -> frozenset[str]:
    """Return the tags of a header, or `*`.

    Weak tags stay, so that the refusal can name them: strong comparison never matches one
    (RFC 9110, section 13.1.1).
    """
    return frozenset({"*"} if header.strip() == "*" else _TAG.findall(header))


IfMatch = Annotated[Expected, Depends(_expected)]


class NotModifiedMiddleware:
    """Answers 304 without a body if the client already has the current version.

    `HEAD` arrives here as `GET` (`api.guards.head_requests`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = Headers(scope=scope).get("if-none-match") if scope["type"] == "http" else None
        if held is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        same = False

        async def send_unless_same(message: Message) -> None:
            nonlocal same
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                same = _matches(held, headers.get("etag"))
                if same:
                    message["status"] = 304
                    del headers["content-length"], headers["content-type"]
            elif same and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_unless_same)


def _matches(held: str, current: str | None) -> bool:
    """Compare tags weakly, as RFC 9110 requires for If-None-Match."""
    if current is None:
        return False
    tags = {each.removeprefix("W/") for each in _TAG.findall(held)}
    return held.strip() == "*" or current.removeprefix("W/") in tags
