"""Signing in through an OpenID Connect provider: the code flow with PKCE, state and nonce.

What has to come back is kept in the browser, sealed under a key of the county's: no state here.
The provider's second factor counts; an account's own authenticator is not asked for.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

# Which of httpx and httpx2 it calls is authlib's choice: the errors have to be of that one.
from authlib.integrations.httpx_client._compat import httpx2 as httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.access.identity_changes import change
from api.access.refusals import NotSignedIn
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.sign_in.service import open_session
from roost.errors import NotFound, Transient
from roost.events.account import Account
from roost.security.county_key import derived
from roost.settings import Settings

CALLBACK = "/v1/sign-in/oidc/callback"
WITHIN = timedelta(minutes=10)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures by a key of the provider's; none that a shared secret could make."""
LEEWAY_S = 60
TIMEOUT_S = 10.0
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class Flow:
    """What this sign-in began with; `until` as a POSIX time."""

    state: str
    nonce: str
    verifier: str
    back: str
    until: float


def local(path: str | None) -> str:
    """A path of ours to go on to; `/` for anything that might lead elsewhere."""
    return path if path and _LOCAL.fullmatch(path) and "\\" not in path else "/"


async def begin(given: Services, back: str) -> tuple[str, str]:
    """(the provider's page to go to, the cookie that the answer is checked with).

    Raises NotFound when no provider is set, Transient when it does not answer.
    """
    flow = Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back=local(back),
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
    """(a session for whom the provider says it is, where to go on to).

    Raises NotSignedIn when anything does not fit, or nobody here is meant.
    """
    flow = _unsealed(given.key, cookie or "", given.clock.now())
    if flow is None or not code or not secrets.compare_digest(flow.state, state or ""):
        raise _failed()
    claims = await _claims(given, flow, code)
    account = await _account(given, claims)
    return await open_session(given, account), flow.back


async def _claims(given: Services, flow: Flow, code: str) -> dict[str, Any]:
    """What the provider's signed token says. Raises NotSignedIn."""
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
        said = jwt.decode(token.get("id_token", ""), keys, algorithms=ALGORITHMS)
        _expected(settings, flow, given.clock.now()).validate(said.claims)
    except (JoseError, ValueError):
        raise _failed() from None
    claims = dict(said.claims)
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
    """By the provider's subject; the first time by a verified e-mail address that is the login."""
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
        "Nobody here has this account of the provider; ask your administrator for one whose login "
        "is your e-mail address.",
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
            "The provider calls itself another issuer than ROOST_OIDC_ISSUER; correct the setting.",
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
    nonce = os.urandom(12)
    said = AESGCM(derived(key, "oidc")).encrypt(nonce, json.dumps(asdict(flow)).encode(), b"")
    return urlsafe_b64encode(nonce + said).decode("ascii")


def _unsealed(key: bytes, cookie: str, now: datetime) -> Flow | None:
    try:
        raw = urlsafe_b64decode(cookie.encode("ascii"))
        said = AESGCM(derived(key, "oidc")).decrypt(raw[:12], raw[12:], b"")
    except (ValueError, InvalidTag):
        return None
    flow = Flow(**json.loads(said))
    return flow if now.timestamp() < flow.until else None


def _failed() -> NotSignedIn:
    return NotSignedIn(
        "Signing in through the provider did not work; begin again.",
        "通过身份提供方登录未成功，请重新开始。",
    )


def _away(error: Exception) -> Transient:
    return Transient(
        f"The OpenID Connect provider does not answer ({type(error).__name__}); try again.",
        "身份提供方暂时没有响应，请稍后重试。",
    )
