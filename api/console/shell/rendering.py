"""How a page is made: `page(request, "queue/page.html", rows=rows)`.

A template's first folder is the feature's: `queue/page.html` is `queue/templates/page.html`. Every
template knows `t` (a text by its key), `language`, `who`, `nav`, `may`, `csrf`, `asset`, `here`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.loaders import BaseLoader, ChoiceLoader
from markupsafe import Markup
from starlette.datastructures import URL

from api.access.principal import Principal
from api.console.shell import language, navigation
from api.console.shell.assets import assets
from api.console.shell.csrf import token
from api.console.shell.times import Times
from api.console.shell.translations import say_in
from roost.events.account import Permission

FOLDER = Path(__file__).parents[1]
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@cache
def environment() -> Environment:
    features: Mapping[str, BaseLoader] = {
        folder.parent.name: FileSystemLoader(folder) for folder in FOLDER.glob("*/templates")
    }
    made = Environment(
        loader=ChoiceLoader([PrefixLoader(features), FileSystemLoader(FOLDER / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = lambda name: assets()[name]
    return made


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page, or a part of one for htmx."""
    return HTMLResponse(render(request, template, **values), status, {**HEADERS, **(headers or {})})


def render(request: Request, template: str, **values: Any) -> str:
    return environment().get_template(template).render(_shared(request) | values)


def wants_part(request: Request) -> bool:
    """Whether htmx asks for a part of a page; what it restores from history is a whole one."""
    headers = request.headers
    return "hx-request" in headers and "hx-history-restore-request" not in headers


def spoken(request: Request) -> str:
    return language.chosen(request.cookies, request.headers.get("accept-language", ""))


def known(request: Request) -> Principal | None:
    """Who is signed in, if anybody."""
    found: Principal | None = getattr(request.state, "principal", None)
    return found


def where(request: Request) -> str:
    """The page that somebody is on: of what a form sent, the page with the form."""
    url = request.url
    if request.method not in {"GET", "HEAD"}:
        url = URL(request.headers.get("referer", "/console"))
    return url.path + (f"?{url.query}" if url.query else "")


def _shared(request: Request) -> dict[str, Any]:
    who = known(request)
    tongue = spoken(request)
    say = say_in(tongue)
    services = getattr(request.app.state, "services", None)

    def may(name: str) -> bool:
        return who is not None and navigation.may(who, Permission(name))

    return {
        "t": say,
        "language": tongue,
        "lang_tag": language.TAGS[tongue],
        "other_language": language.other(tongue),
        "who": who,
        "nav": navigation.items(who) if who else [],
        "may": may,
        "csrf": token(request),
        "here": where(request),
        "times": Times(services.clock.now(), services.settings.time_zone, tongue, say)
        if services
        else None,
        "csrf_field": partial(_csrf_field, token(request)),
    }


def _csrf_field(value: str) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(value)
