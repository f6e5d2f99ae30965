"""Sessions of signed-in people: their tokens, cookies and ends. The first half is pure."""

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
"""How exactly it is known when a session was last used."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that has just been opened: its token goes into the cookie and nowhere else."""

    session: Session
    token: str


def new_session(
    account: Account, now: datetime, settings: Settings, step: int | None = None
) -> OpenedSession:
    token = secrets.token_urlsafe(32)
    session = Session(
        id=session_id_of(token),
        account_id=account.id,
        token_hash=_hash(token),
        generation=account.generation,
        began_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
        totp_step=step,
    )
    return OpenedSession(session, token)


def session_id_of(token: str) -> str:
    return ids.derive("t", token)


def in_force(
    session: Session | None,
    account: Account | None,
    token: str,
    now: datetime,
    settings: Settings,
) -> bool:
    """Whether the token opens it still: not ended, not expired, its account open and unchanged."""
    if session is None or account is None or account.disabled or session.ended:
        return False
    return (
        hmac.compare_digest(session.token_hash, _hash(token))
        and now < session.expires_at
        and now < session.seen_at + timedelta(minutes=settings.session_idle_minutes)
        and session.generation == account.generation
        and session.began_at >= account.created_at
    )


def touched_session(session: Session, now: datetime) -> Session:
    """As it is when it is used now; one that has ended stays as it is."""
    if session.ended or now < session.seen_at + TOUCH_AFTER:
        return session
    return session.model_copy(update={"seen_at": now})


def ended_session(session: Session) -> Session:
    return session.model_copy(update={"ended": True})


def csrf_token(key: bytes, session: Session) -> str:
    """What a page of ours sends along with every write: it belongs to the session."""
    return urlsafe_b64encode(derived(key, "csrf", session.id)).decode("ascii").rstrip("=")


def cookie_name(settings: Settings) -> str:
    """Over https with the prefix that binds it to this host alone (RFC 6265bis)."""
    return "__Host-roost" if is_https(settings) else "roost"


def is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def set_session_cookie(response: Response, token: str, settings: Settings) -> None:
    """Puts the token into the browser's cookie: not for scripts, not with other sites' writes."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(settings.session_hours * 3_600),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
    response.headers["cache-control"] = "no-store"


def delete_session_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
