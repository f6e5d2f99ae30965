"""Pages behind a stop link: they load and run nothing, and are in both languages."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from api.guards import link_pages as page_parts
from api.guards.body_limits import BodyCheckMiddleware, BodyLimitMiddleware
from api.stop import page
from roost.contact import stop_links

PAGES = {
    "asking": page.confirmation_page(to_worker=True),
    "stopped": page.stopped_page(in_force=True, to_worker=True),
    "coming": page.stopped_page(in_force=False, to_worker=False),
    "wrong": page_parts.wrong_link_page(Request({"type": "http"}), stop_links.WrongLink("x")),
}


def text(of: HTMLResponse) -> str:
    return bytes(of.body).decode("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_runs_nothing(name: str) -> None:
    shown = text(PAGES[name])
    assert not re.search(r"<script|\bon\w+=|style=|src=|href=|https?:", shown)
    style = re.search(r"<style>(.*)</style>", shown)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in PAGES[name].headers["content-security-policy"]
    assert PAGES[name].headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_both_languages_and_fits_a_telephone(name: str) -> None:
    shown = text(PAGES[name])
    assert '<html lang="zh-CN">' in shown
    assert 'lang="en"' in shown
    assert "width=device-width" in shown


def test_only_the_confirmation_page_has_a_button() -> None:
    assert [name for name, each in PAGES.items() if "<button" in text(each)] == ["asking"]
    assert '<form method="post">' in text(PAGES["asking"])


def test_a_pending_stop_is_answered_with_202() -> None:
    assert [PAGES[name].status_code for name in PAGES] == [200, 200, 202, 404]


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/stop/token", 200), ("/v1/stop", 415), ("/v1/replies", 415)]
)
async def test_web_forms_are_accepted_only_at_stop_links(path: str, status: int) -> None:
    app = FastAPI()
    app.add_middleware(BodyCheckMiddleware)
    app.add_middleware(BodyLimitMiddleware, most_bytes=1_000)

    @app.post("/{rest:path}")
    async def taken(rest: str) -> str:
        return rest

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == status
        assert (await client.post(path, data={"x": "y" * 2_000})).status_code == 413
