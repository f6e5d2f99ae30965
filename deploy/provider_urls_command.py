"""`roost provider-urls`: the secret addresses to enter at the providers of messages."""

from __future__ import annotations

import typer

from roost.carriers.report_links import POSTS, report_url
from roost.security.county_key import required_county_key
from roost.settings import Settings


def provider_urls() -> None:
    """Print the addresses for delivery reports and replies; they are secret."""
    settings = Settings()
    start = report_url(settings.public_url, required_county_key(settings))
    for post in POSTS:
        typer.echo(f"{post:16}  {start}/{post}")
