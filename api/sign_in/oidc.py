"""Sign-in through an OpenID Connect provider: the code flow with PKCE, state and nonce.

The state of a flow is kept in a cookie, sealed under a key derived from the county's; the server
holds none. The provider's second factor counts; the account's own authenticator is not required.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

# authlib chooses between httpx and httpx2; the errors to catch are those of its choice.
from authlib.integrations.httpx_client._compat import httpx2 as httpx

from api.access.client_address import Origin
from api.access.identity_changes import change
from api.access.local_paths import local_path
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import open_session, use_mark_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.sign_in.provider_connection import bound_answer
from api.sign_in.provider_tokens import subject_of, usable_keys, verified_claims, verified_mail
from roost.errors import NotFound, Transient
from roost.events.account import Account
from roost.events.audit import SecurityEventKind as Kind
from roost.security.account_changes import altered
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal
from roost.settings import Settings

CALLBACK = "/v1/sign-in/oidc/callback"
WITHIN = timedelta(minutes=10)
TIMEOUT_S = 10.0
ANSWERS_WITHIN_S = 20.0
"""Longest wait for all answers of a provider to one request of ours."""
UNREADABLE = (
    httpx.HTTPError,
    httpx.InvalidURL,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""Errors of the libraries for a provider that is away, and for answers that they cannot read."""


class ProviderRefused(NotSignedIn):
    """A sign-in through the provider that failed; `cause` is for the audit log."""

    def __init__(self, cause: str, message: str, message_zh: str) -> None:
        super().__init__(message, message_zh)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Flow:
    """State of a sign-in in flight; `until` is a POSIX time."""

    state: str
    nonce: str
    verifier: str
    back: str
    until: float


async def begin(given: Services, back: str) -> tuple[str, str]:
    """Begin a sign-in; return the provider's page and the cookie that holds the flow.

    Raises NotFound if no provider is set, Transient if it does not answer.
    """
    flow = Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back=local_path(back),
        until=(given.clock.now() + WITHIN).timestamp(),
    )
    async with _provider(given.settings) as client:
        about = await _discovered(client, given.settings)
        url, _ = client.create_authorization_url(
            _address(about, "authorization_endpoint"),
            state=flow.state,
            code_verifier=flow.verifier,
            nonce=flow.nonce,
        )
    return str(url), _sealed(given.key, flow)


async def finish(
    given: Services, cookie: str | None, state: str | None, code: str | None, origin: Origin
) -> tuple[OpenedSession, str]:
    """Open a session for the person whom the provider names; return it and the next path.

    A flow opens one session, in all processes together. Raises NotSignedIn if the answer does not
    fit the flow, or no account belongs to the person. The outcome is in the audit log.
    """
    try:
        flow = _unsealed(given.key, cookie or "", given.clock.now())
        if flow is None or not code or not _equal(flow.state, state or ""):
            raise _failed("state")
        account = await _account(given, await _claims(given, flow, code))
        if not await use_mark_once(given, account, "oidc", flow.nonce):
            raise _failed("state")
    except ProviderRefused as error:
        note_sign_in(given, Kind.SIGN_IN_FAILED, f"provider-{error.cause}", None, origin)
        raise
    opened = await open_session(given, account, by_provider=True)
    note_sign_in(given, Kind.SIGNED_IN, "provider", account.login, origin, account, status=303)
    return opened, flow.back


async def _claims(given: Services, flow: Flow, code: str) -> dict[str, Any]:
    """Return the claims of the provider's signed token. Raises ProviderRefused, Transient."""
    settings = given.settings
    async with _provider(settings) as client:
        about = await _discovered(client, settings)
        client.token_endpoint_auth_method = _auth_method(settings, about)
        try:
            token = await client.fetch_token(
                _address(about, "token_endpoint"), code=code, code_verifier=flow.verifier
            )
        except OAuthError:
            raise _failed("code") from None
        except UNREADABLE as error:
            raise _away(error) from error
        keys = usable_keys(await _read(client, _address(about, "jwks_uri")))
    claims = verified_claims(
        token.get("id_token") if isinstance(token, dict) else None,
        keys,
        issuer=settings.oidc_issuer or "",
        client_id=settings.oidc_client_id,
        nonce=flow.nonce,
        now=given.clock.now(),
    )
    if claims is None:
        raise _failed("token")
    return claims


async def _account(given: Services, claims: dict[str, Any]) -> Account:
    """Find the account by the provider's subject, or link it by a verified e-mail address.

    The first sign-in links the account whose login is the address. Raises ProviderRefused.
    """
    subject = subject_of(claims)
    accounts = [each for each in given.identities.accounts.values() if not each.disabled]
    for each in accounts:
        if each.oidc_subject == subject:
            return each
    mail = verified_mail(claims)
    if mail is None:
        raise ProviderRefused(
            "unverified-email",
            "Your provider confirms no e-mail address (claims `email` and `email_verified`); ask "
            "it to confirm yours.",
            "身份提供方未提供已验证的邮箱（email、email_verified），请联系其管理员。",
        )

    def linked(current: Account) -> Account:
        if current.oidc_subject not in {None, subject}:
            raise _no_account()
        return altered(current, oidc_subject=subject)

    for each in accounts:
        if each.login == mail and each.oidc_subject is None:
            return await change(
                given.publisher, given.identities.accounts, each.id, linked, given.clock.now()
            )
    raise _no_account()


@asynccontextmanager
async def _provider(settings: Settings) -> AsyncIterator[AsyncOAuth2Client]:
    """Yield a client of the provider. Raises Transient if its answers take too long together."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S), _client(settings) as client:
            yield client
    except TimeoutError as error:
        raise _away(error) from error


def _client(settings: Settings) -> AsyncOAuth2Client:
    if settings.oidc_issuer is None:
        raise NotFound("No OpenID Connect provider is set.", "未配置身份提供方。")
    secret = settings.oidc_client_secret
    client = AsyncOAuth2Client(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope="openid email profile",
        redirect_uri=settings.public_url.rstrip("/") + CALLBACK,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [bound_answer]},
    )
    client.register_client_auth_method(("client_secret_basic", _basic_auth))
    return client


def _auth_method(settings: Settings, about: dict[str, Any]) -> str:
    """Return how the client authenticates: by header, unless the provider takes a form only."""
    named = about.get("token_endpoint_auth_methods_supported")
    offered = named if isinstance(named, list) else ["client_secret_basic"]
    if not settings.oidc_client_secret:
        return "none"
    form_only = "client_secret_basic" not in offered and "client_secret_post" in offered
    return "client_secret_post" if form_only else "client_secret_basic"


def _basic_auth(
    client: Any, method: str, uri: str, headers: Any, body: str
) -> tuple[str, Any, str]:
    """Add the client's credentials, form-encoded before base64 (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode('ascii')}"
    return uri, headers, body


async def _discovered(client: AsyncOAuth2Client, settings: Settings) -> dict[str, Any]:
    issuer = settings.oidc_issuer or ""
    about = await _read(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != issuer:
        raise Transient(
            "The provider names another issuer than ROOST_OIDC_ISSUER; correct the setting.",
            "身份提供方的 issuer 与设置不符，请联系管理员。",
        )
    return about


async def _read(client: AsyncOAuth2Client, url: str) -> dict[str, Any]:
    try:
        answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        return dict(answer.json())
    except UNREADABLE as error:
        raise _away(error) from error


def _address(about: dict[str, Any], name: str) -> str:
    """Return an endpoint of the provider.

    Raises Transient if it names none with a host, or one without TLS behind an issuer with TLS.
    """
    address = about.get(name)
    over_tls = str(about.get("issuer")).startswith("https://")
    schemes = {"https"} if over_tls else {"https", "http"}
    if not (isinstance(address, str) and _has_host(address, schemes)):
        needs = " with https" if over_tls else ""
        raise Transient(
            f"The provider's configuration names no {name}{needs}; ask its administrator.",
            f"身份提供方的配置缺少{'使用 https 的 ' if over_tls else ' '}{name}，请联系其管理员。",
        )
    return address


def _has_host(address: str, schemes: Collection[str]) -> bool:
    """Return whether an address is one of the web: a browser would read another as a path here."""
    try:
        url = urlsplit(address)
        return url.scheme in schemes and bool(url.hostname)
    except ValueError:
        return False


def _sealed(key: bytes, flow: Flow) -> str:
    return seal(derived(key, "oidc"), json.dumps(asdict(flow)).encode())


def _unsealed(key: bytes, cookie: str, now: datetime) -> Flow | None:
    """Return the flow of a cookie; None if the cookie is not ours or has expired."""
    plain = unseal(derived(key, "oidc"), cookie)
    if plain is None:
        return None
    flow = Flow(**json.loads(plain))
    return flow if now.timestamp() < flow.until else None


def _equal(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode("utf-8", "replace"))


def _failed(cause: str) -> ProviderRefused:
    return ProviderRefused(
        cause,
        "The sign-in through the provider failed; start again.",
        "通过身份提供方登录未成功，请重新开始。",
    )


def _no_account() -> ProviderRefused:
    return ProviderRefused(
        "no-account",
        "No account here belongs to your account at the provider; ask your administrator for one "
        "whose login is your e-mail address.",
        "没有与该身份提供方账号对应的账号，请联系管理员以您的邮箱为登录名开通。",
    )


def _away(error: Exception) -> Transient:
    return Transient(
        f"The OpenID Connect provider does not answer ({type(error).__name__}); try again.",
        "身份提供方暂时没有响应，请稍后重试。",
    )
