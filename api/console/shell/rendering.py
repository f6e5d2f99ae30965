"""Rendering of pages from templates: `page(request, "queue/page.html", rows=rows)`.

The first folder of a template's name is its feature's: `queue/page.html` is the file
`queue/templates/page.html`. Every template receives the values of `_shared`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.loaders import BaseLoader, ChoiceLoader
from markupsafe import Markup
from starlette.datastructures import URL

from api.access import policy
from api.access.principal import Principal
from api.console.shell import language, navigation
from api.console.shell.assets import assets
from api.console.shell.csrf import token
from api.console.shell.summary_labels import LabelMarks
from api.console.shell.times import Times
from api.console.shell.translations import say_in
from api.search.service import may_search
from roost.events.account import Permission
from roost.places.gazetteer import gazetteer
from roost.places.suggesting import suggester
from roost.places.written_names import written_name

FOLDER = Path(__file__).parents[1]
DISABLED_WEBHOOKS = "disabled_webhooks"
"""Name in the request's state of an employer's webhooks that an outage has disabled."""
ABOUT_PERSONS = ("q", "number")
"""Parameters that held a typed text before the text was sealed."""
ONCE = ("done", "undo")
"""Parameters of a confirmation, which only the page right after an action shows."""


@cache
def environment() -> Environment:
    """Return the template environment of all features."""
    features: Mapping[str, BaseLoader] = {
        folder.parent.name: FileSystemLoader(folder) for folder in FOLDER.glob("*/templates")
    }
    templates = Environment(
        loader=ChoiceLoader([PrefixLoader(features), FileSystemLoader(FOLDER / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["place"] = written_name
    templates.globals["asset"] = lambda name: assets()[name]
    templates.globals["places_like"] = _places_like
    return templates


def _places_like(text: str) -> list[str]:
    """Return the full names of places that a text may mean."""
    return [gazetteer().full_name(place.key) for place in suggester().suggest(str(text))]


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """Render a page, or a part of one for htmx. The middleware adds the security headers."""
    return HTMLResponse(render(request, template, **values), status, dict(headers or {}))


def render(request: Request, template: str, **values: Any) -> str:
    """Render a template with the shared values and those of the page."""
    labels = LabelMarks()
    shared = _shared(request) | {"label_of": labels.mark}
    html = environment().get_template(template).render(shared | values)
    return labels.named(html, spoken(request))


def wants_part(request: Request) -> bool:
    """Return whether htmx requests part of a page; a page restored from history is a whole one."""
    headers = request.headers
    return "hx-request" in headers and "hx-history-restore-request" not in headers


def write_in(request: Request, tongue: str) -> None:
    """Write the answer to a request in a language, whatever the reader's is by now."""
    request.state.language = tongue


def spoken(request: Request) -> str:
    """Return the reader's language."""
    if (written := getattr(request.state, "language", None)) is not None:
        return str(written)
    return language.chosen(request.cookies, request.headers.get("accept-language", ""))


def known(request: Request) -> Principal | None:
    """Return the signed-in caller, if any."""
    found: Principal | None = getattr(request.state, "principal", None)
    return found


def where(request: Request) -> str:
    """Return the path of the current page; for a submitted form, that of the page with the form."""
    url = request.url
    if request.method not in {"GET", "HEAD"}:
        url = URL(request.headers.get("referer", "/console"))
    return path_of(url)


def next_page(request: Request, cursor: str | None) -> str | None:
    """Return the path of a list's next page with the same filters; None after the last page."""
    if cursor is None:
        return None
    filters = request.url.remove_query_params(ONCE)
    return path_of(filters.include_query_params(cursor=cursor))


def path_of(url: URL) -> str:
    """Return path and query; old addresses of pages may hold a text about a person: it is dropped.

    A form carries the path on as the page to return to.
    """
    url = url.remove_query_params(ABOUT_PERSONS)
    return url.path + (f"?{url.query}" if url.query else "")


def _shared(request: Request) -> dict[str, Any]:
    """Return the values of every template; `t` returns a text of the catalogue by its key."""
    who = known(request)
    tongue = spoken(request)
    say = say_in(tongue)
    services = getattr(request.app.state, "services", None)
    menu = navigation.items(who) if who else []

    def may(name: str) -> bool:
        return who is not None and policy.may(who, Permission(name))

    return {
        "t": say,
        "language": tongue,
        "lang_tag": language.TAGS[tongue],
        "other_language": language.other(tongue),
        "who": who,
        "nav": menu,
        "topic": navigation.topic(menu, request.url.path),
        "new_here": _is_new(request, who, menu),
        "searches": who is not None and may_search(who),
        "may": may,
        "csrf": token(request),
        "here": where(request),
        "done": request.query_params.get("done"),
        "disabled_webhooks": getattr(request.state, DISABLED_WEBHOOKS, []),
        "times": Times(services.clock.now(), services.settings.time_zone, tongue, say)
        if services
        else None,
        "csrf_field": partial(_csrf_field, token(request)),
    }


def _is_new(request: Request, who: Principal | None, menu: Sequence[navigation.Item]) -> bool:
    """Return whether the page is the home of a new account whose first day is not begun here."""
    services = getattr(request.app.state, "services", None)
    if who is None or services is None or navigation.FIRST_DAY in request.cookies:
        return False
    account = services.identities.accounts.get(who.id)
    at_home = bool(menu) and request.url.path == menu[0].href
    return bool(
        at_home
        and account is not None
        and services.clock.now() - account.created_at < navigation.NEW_FOR
    )


def _csrf_field(value: str) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(value)
