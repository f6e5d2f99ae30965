"""Sign-in through an OpenID Connect provider: the code flow with PKCE, state and nonce.

The state of a flow is kept in a cookie, sealed under a key derived from the county's; the server
holds none. The provider's second factor counts; the account's own authenticator is not required.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.integrations.base_client import OAuthError

from api.access.client_address import Origin
from api.access.identity_changes import change
from api.access.local_paths import local_path
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import open_session, use_mark_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.ports.sign_in_provider import ProviderDocuments
from api.sign_in.provider_connection import (
    UNREADABLE,
    address_in,
    provider_away,
    provider_client,
)
from api.sign_in.provider_tokens import is_signed, subject_of, verified_claims, verified_mail
from roost.errors import NotFound
from roost.events.account import Account
from roost.events.audit import SecurityEventKind as Kind
from roost.security.account_changes import altered
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal
from roost.settings import Settings

WITHIN = timedelta(minutes=10)


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
    about = await _documents(given).configuration()
    async with provider_client(given.settings) as client:
        url, _ = client.create_authorization_url(
            address_in(about, "authorization_endpoint"),
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
    settings, documents = given.settings, _documents(given)
    token = await _token(settings, await documents.configuration(), flow, code)
    keys = await documents.keys()
    if not is_signed(token, keys):  # the provider may have replaced its keys
        keys = await documents.newer_keys()
    claims = verified_claims(
        token,
        keys,
        issuer=settings.oidc_issuer or "",
        client_id=settings.oidc_client_id,
        nonce=flow.nonce,
        now=given.clock.now(),
    )
    if claims is None:
        raise _failed("token")
    return claims


async def _token(settings: Settings, about: dict[str, Any], flow: Flow, code: str) -> Any:
    """Exchange a code for the ID token, in whatever form the provider sends it.

    Raises ProviderRefused, Transient.
    """
    async with provider_client(settings) as client:
        client.token_endpoint_auth_method = _auth_method(settings, about)
        try:
            token = await client.fetch_token(
                address_in(about, "token_endpoint"), code=code, code_verifier=flow.verifier
            )
        except OAuthError:
            raise _failed("code") from None
        except UNREADABLE as error:
            raise provider_away(error) from error
    return token.get("id_token") if isinstance(token, dict) else None


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


def _documents(given: Services) -> ProviderDocuments:
    if given.provider is None:
        raise NotFound("No OpenID Connect provider is set.", "未配置身份提供方。")
    return given.provider


def _auth_method(settings: Settings, about: dict[str, Any]) -> str:
    """Return how the client authenticates: by header, unless the provider takes a form only."""
    named = about.get("token_endpoint_auth_methods_supported")
    offered = named if isinstance(named, list) else ["client_secret_basic"]
    if not settings.oidc_client_secret:
        return "none"
    form_only = "client_secret_basic" not in offered and "client_secret_post" in offered
    return "client_secret_post" if form_only else "client_secret_basic"


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
