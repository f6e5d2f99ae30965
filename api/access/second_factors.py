"""Second factors of an account: whether it has one, and whether its role requires one. Pure."""

from __future__ import annotations

from roost.events.account import Account
from roost.events.session import Session
from roost.settings import Settings


def has_second_factor(account: Account) -> bool:
    """Return whether a sign-in with the password needs a second factor."""
    return account.totp_secret is not None or bool(account.passkeys)


def must_enrol(account: Account, session: Session, settings: Settings) -> bool:
    """Return whether the person has to enrol a second factor before anything else.

    A session opened by the OpenID Connect provider has the provider's second factor.
    """
    required = account.role in settings.second_factor_roles and not session.by_provider
    return required and not has_second_factor(account)
