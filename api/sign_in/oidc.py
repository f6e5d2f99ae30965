"""Sign-in through an OpenID Connect provider: the code flow with PKCE, state and nonce.

The state of a flow is kept in a cookie, sealed under a key derived from the county's; the server
holds none. The provider's second factor counts; the account's own authenticator is not required.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

# authlib chooses between httpx and httpx2; the errors to catch are those of its choice.
from authlib.integrations.httpx_client._compat import httpx2 as httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.access.identity_changes import change
from api.access.local_paths import local_path
from api.access.refusals import NotSignedIn
from api.access.sealing import seal, unseal
from api.access.session_changes import open_session
from api.access.sessions import OpenedSession
from api.ports.services import Services
from roost.errors import NotFound, Transient
from roost.events.account import Account
from roost.security.county_key import derived
from roost.settings import Settings

CALLBACK = "/v1/sign-in/oidc/callback"
WITHIN = timedelta(minutes=10)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a private key of the provider; none that a shared secret could produce."""
LEEWAY_S = 60
TIMEOUT_S = 10.0


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
    async with _client(given.settings) as client:
        about = await _discovered(client, given.settings)
        url, _ = client.create_authorization_url(
            about["authorization_endpoint"],
            state=flow.state,
            code_verifier=flow.verifier,
            nonce=flow.nonce,
        )
    return str(url), _sealed(given.key, flow)


async def finish(
    given: Services, cookie: str | None, state: str | None, code: str | None
) -> tuple[OpenedSession, str]:
    """Open a session for the person whom the provider names; return it and the next path.

    Raises NotSignedIn if the answer does not fit the flow, or no account belongs to the person.
    """
    flow = _unsealed(given.key, cookie or "", given.clock.now())
    if flow is None or not code or not secrets.compare_digest(flow.state, state or ""):
        raise _failed()
    claims = await _claims(given, flow, code)
    account = await _account(given, claims)
    return await open_session(given, account), flow.back


async def _claims(given: Services, flow: Flow, code: str) -> dict[str, Any]:
    """Return the claims of the provider's signed token. Raises NotSignedIn."""
    settings = given.settings
    async with _client(settings) as client:
        about = await _discovered(client, settings)
        try:
            token = await client.fetch_token(
                about["token_endpoint"], code=code, code_verifier=flow.verifier
            )
        except OAuthError:
            raise _failed() from None
        except httpx.HTTPError as error:
            raise _away(error) from error
        keys = KeySet.import_key_set(cast(Any, await _read(client, about["jwks_uri"])))
    try:
        decoded = jwt.decode(token.get("id_token", ""), keys, algorithms=ALGORITHMS)
        _expected(settings, flow, given.clock.now()).validate(decoded.claims)
    except (JoseError, ValueError):
        raise _failed() from None
    claims = dict(decoded.claims)
    if claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
        raise _failed()
    return claims


def _expected(settings: Settings, flow: Flow, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": settings.oidc_issuer or ""},
        aud={"essential": True, "value": settings.oidc_client_id},
        nonce={"essential": True, "value": flow.nonce},
        sub={"essential": True},
        exp={"essential": True},
    )


async def _account(given: Services, claims: dict[str, Any]) -> Account:
    """Find the account by the provider's subject, or link it by a verified e-mail address.

    The first sign-in links the account whose login is the address. Raises NotSignedIn.
    """
    subject = f"{claims['iss']} {claims['sub']}"
    accounts = [each for each in given.identities.accounts.values() if not each.disabled]
    for each in accounts:
        if each.oidc_subject == subject:
            return each
    mail = str(claims.get("email", "")).lower() if claims.get("email_verified") is True else ""
    for each in accounts:
        if mail and each.login == mail and each.oidc_subject is None:
            return await change(
                given.publisher,
                given.identities.accounts,
                each.id,
                lambda now: now.model_copy(update={"oidc_subject": subject}),
                given.clock.now(),
            )
    raise NotSignedIn(
        "No account here belongs to your account at the provider; ask your administrator for one "
        "whose login is your e-mail address.",
        "没有与该身份提供方账号对应的账号，请联系管理员以您的邮箱为登录名开通。",
    )


def _client(settings: Settings) -> AsyncOAuth2Client:
    if settings.oidc_issuer is None:
        raise NotFound("No OpenID Connect provider is set.", "未配置身份提供方。")
    secret = settings.oidc_client_secret
    return AsyncOAuth2Client(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope="openid email profile",
        redirect_uri=settings.public_url.rstrip("/") + CALLBACK,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
    )


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
    except (httpx.HTTPError, ValueError) as error:
        raise _away(error) from error


def _sealed(key: bytes, flow: Flow) -> str:
    return seal(derived(key, "oidc"), json.dumps(asdict(flow)).encode())


def _unsealed(key: bytes, cookie: str, now: datetime) -> Flow | None:
    """Return the flow of a cookie; None if the cookie is not ours or has expired."""
    plain = unseal(derived(key, "oidc"), cookie)
    if plain is None:
        return None
    flow = Flow(**json.loads(plain))
    return flow if now.timestamp() < flow.until else None


def _failed() -> NotSignedIn:
    return NotSignedIn(
        "The sign-in through the provider failed; start again.",
        "通过身份提供方登录未成功，请重新开始。",
    )


def _away(error: Exception) -> Transient:
    return Transient(
        f"The OpenID Connect provider does not answer ({type(error).__name__}); try again.",
        "身份提供方暂时没有响应，请稍后重试。",
    )
