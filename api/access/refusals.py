"""Authentication error responses."""

from __future__ import annotations

from types import MappingProxyType

from roost.errors import Refused, Transient


class Unauthenticated(Refused):
    """The request carries no valid key and no valid session."""

    status = 401
    slug = "unauthenticated"
    title = "Sign in, or send a key"
    title_zh = "请登录或提供密钥"
    headers = MappingProxyType({"www-authenticate": 'Bearer realm="roost"'})


class NotSignedIn(Unauthenticated):
    """A sign-in that failed; it does not reveal which part was wrong."""

    slug = "not-signed-in"
    title = "The login, the password or the code is wrong"
    title_zh = "账号、密码或动态码不正确"


class CodeNeeded(Unauthenticated):
    """The password is right; the one-time code is missing."""

    slug = "code-needed"
    title = "Enter the code of your authenticator"
    title_zh = "请输入身份验证器的动态码"


class Forged(Refused):
    """A write with a session cookie that does not come from our own page."""

    status = 403
    slug = "forged"
    title = "The request does not come from this site"
    title_zh = "请求来源无效"


class PasswordToChange(Refused):
    """The account still has its initial password."""

    status = 403
    slug = "password-to-change"
    title = "Change your initial password first"
    title_zh = "请先修改初始密码"


class SecondFactorToEnrol(Refused):
    """The role requires a second factor, and the account has none yet."""

    status = 403
    slug = "second-factor-to-enrol"
    title = "Set up your second factor first"
    title_zh = "请先设置双重验证"


class TooManyTries(Refused):
    """Too many failed sign-ins from a network or a browser; `cause` names the limit."""

    status = 429
    slug = "too-many-tries"
    title = "Too many attempts"
    title_zh = "尝试次数过多"

    def __init__(self, wait_s: int, cause: str) -> None:
        super().__init__(
            f"Too many failed sign-ins; try again in {wait_s} s.",
            f"登录失败次数过多，请在 {wait_s} 秒后重试。",
        )
        self.headers = {"retry-after": str(wait_s)}
        self.cause = cause


class NotCaughtUp(Transient):
    """Accounts, keys and sessions are still being loaded."""

    def __init__(self) -> None:
        super().__init__(
            "The service has just started and is loading accounts; try again in a moment.",
            "服务刚刚启动，正在载入账号信息，请稍后重试。",
        )


def unauthenticated() -> Unauthenticated:
    """Return the error for a request without a valid key or session."""
    return Unauthenticated(
        "Sign in at /v1/sign-in, or send `Authorization: Bearer <key>` with a valid key.",
        "请通过 /v1/sign-in 登录，或在 Authorization 请求头中提供有效密钥。",
    )
