"""Sessions of signed-in people: validity, tokens and cookies. All of it is pure but the cookies."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from roost import ids
from roost.events.account import Account
from roost.events.session import Session
from roost.security.county_key import derived
from roost.settings import Settings

TOUCH_AFTER = timedelta(minutes=1)
"""Precision of the time of last use."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session and its token, which goes into the cookie and nowhere else."""

    session: Session
    token: str


def new_session(
    account: Account, now: datetime, settings: Settings, *, by_provider: bool = False
) -> OpenedSession:
    """Return a new session of an account."""
    token = secrets.token_urlsafe(32)
    session = Session(
        id=session_id_of(token),
        account_id=account.id,
        token_hash=_hash(token),
        generation=account.generation,
        began_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
        by_provider=by_provider,
    )
    return OpenedSession(session, token)


def session_id_of(token: str) -> str:
    """Return the id of the session that a token belongs to."""
    return ids.derive("t", token)


def has_token(session: Session, token: str) -> bool:
    """Return whether the token is the session's, in constant time."""
    return hmac.compare_digest(session.token_hash, _hash(token))


def is_active(session: Session, account: Account, now: datetime, settings: Settings) -> bool:
    """Return whether the session of this account may still be used.

    It may not once it has ended, expired or idled too long, or once the account has been disabled
    or has moved to another generation (new password, role, state or second factor, sessions ended
    by an administrator).
    """
    if account.disabled or session.ended or session.account_id != account.id:
        return False
    return (
        now < session.expires_at
        and now < session.seen_at + timedelta(minutes=settings.session_idle_minutes)
        and session.generation == account.generation
        and session.began_at >= account.created_at
    )


def touched_session(session: Session, now: datetime) -> Session:
    """Return the session with its time of last use; an ended one is returned unchanged."""
    if session.ended or now < session.seen_at + TOUCH_AFTER:
        return session
    return session.model_copy(update={"seen_at": now})


def ended_session(session: Session) -> Session:
    """Return the session marked as ended."""
    return session.model_copy(update={"ended": True})


def csrf_token(key: bytes, session: Session) -> str:
    """Return the token that our pages send with every write; it belongs to the session."""
    return urlsafe_b64encode(derived(key, "csrf", session.id)).decode("ascii").rstrip("=")


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; over https its prefix binds it to this host (RFC 6265bis)."""
    return "__Host-roost" if is_https(settings) else "roost"


def is_https(settings: Settings) -> bool:
    """Return whether browsers reach us over https."""
    return settings.public_url.startswith("https://")


def set_session_cookie(response: Response, token: str, settings: Settings) -> None:
    """Put the token into the cookie: hidden from scripts, not sent with other sites' writes."""
    set_protected_cookie(
        response, cookie_name(settings), token, settings, timedelta(hours=settings.session_hours)
    )


def delete_session_cookie(response: Response, settings: Settings) -> None:
    """Remove the session cookie from the browser."""
    delete_protected_cookie(response, cookie_name(settings), settings)


def set_protected_cookie(
    response: Response, name: str, value: str, settings: Settings, lifetime: timedelta
) -> None:
    """Set a cookie that scripts cannot read; no cache may store the answer."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
    response.headers["cache-control"] = "no-store"


def delete_protected_cookie(response: Response, name: str, settings: Settings) -> None:
    """Remove a cookie set by `set_protected_cookie`."""
    response.delete_cookie(name, path="/", secure=is_https(settings), httponly=True, samesite="lax")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
