"""What is answered to who is not known, or not yet."""

from __future__ import annotations

from types import MappingProxyType

from roost.errors import Refused, Transient


class Unauthenticated(Refused):
    status = 401
    slug = "unauthenticated"
    title = "Sign in, or send a key"
    title_zh = "请登录或提供密钥"
    headers = MappingProxyType({"www-authenticate": 'Bearer realm="roost"'})


class NotSignedIn(Unauthenticated):
    """A sign-in that failed: it says nothing of which part was wrong."""

    slug = "not-signed-in"
    title = "Login, password or code are wrong"
    title_zh = "账号、密码或验证码不正确"


class CodeNeeded(Unauthenticated):
    slug = "code-needed"
    title = "The code of your authenticator is needed"
    title_zh = "请输入身份验证器的动态码"


class Forged(Refused):
    """A write that comes by a cookie and not from a page of ours."""

    status = 403
    slug = "forged"
    title = "The request does not come from a page of ours"
    title_zh = "请求来源无效"


class PasswordToChange(Refused):
    status = 403
    slug = "password-to-change"
    title = "Choose a password of your own first"
    title_zh = "请先修改密码"


class TooManyTries(Refused):
    status = 429
    slug = "too-many-tries"
    title = "Too many tries"
    title_zh = "尝试次数过多"

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"Signing in failed too often; try again in {wait_s} s.",
            f"登录失败次数过多，请在 {wait_s} 秒后重试。",
        )
        self.headers = {"retry-after": str(wait_s)}


class NotCaughtUp(Transient):
    def __init__(self) -> None:
        super().__init__(
            "The API has just started and is reading who may ask; try again in a moment.",
            "服务刚刚启动，正在读取账号信息，请稍后重试。",
        )


def unauthenticated() -> Unauthenticated:
    return Unauthenticated(
        "Sign in at /v1/sign-in, or send `Authorization: Bearer <key>` with a key in force.",
        "请通过 /v1/sign-in 登录，或在 Authorization 请求头中提供有效密钥。",
    )
