"""Typed texts about persons in addresses of pages: sealed, for one account and one page.

A form sends the text in its body. The page that shows the result has an address with the sealed
text, so reloading, the way back and the next page work, while no history, log or `Referer` holds
the text.
"""

from __future__ import annotations

from datetime import timedelta

from api.access.principal import Principal
from api.ports.services import Services
from roost.security.sealed_tokens import TokenRefused, open_token, seal_token

PARAMETER = "sealed"
LIFETIME = timedelta(hours=12)


def sealed_text(given: Services, who: Principal, page: str, text: str) -> str:
    """Return the value of the parameter `sealed` for a page, given by its path."""
    now = given.clock.now()
    return seal_token(given.key, "typed", text, bound_to=(who.id, page), now=now, lifetime=LIFETIME)


def text_of(given: Services, who: Principal, page: str, sealed: str) -> str | None:
    """Return the text; None if it was sealed for another account or page, or too long ago."""
    now = given.clock.now()
    try:
        return str(open_token(given.key, "typed", sealed, bound_to=(who.id, page), now=now))
    except TokenRefused:
        return None
