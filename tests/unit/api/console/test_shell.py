"""The shell: language, redirects, and refusals as pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import Request

from api.access.local_paths import local_path
from api.app import create_app
from api.console.shell.language import chosen
from api.console.shell.rendering import next_page
from api.console.shell.times import Times
from api.console.shell.translations import say_in
from api.guards import problem_responses
from roost.errors import NotFound, Transient
from roost.settings import Settings
from tests.unit.api.signed import Topics, given_to, headers_for

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings())
    topics = Topics()
    given_to(app, topics)

    @app.get("/console/away")
    async def away() -> None:
        raise Transient("Elasticsearch does not answer.", "搜索服务没有回应。")

    @app.get("/console/gone")
    async def gone() -> None:
        raise NotFound("There is no such match.", "未找到该匹配。")

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://roost", headers=headers_for(topics)
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("cookies", "accept", "language"),
    [
        ({}, "", "zh"),
        ({}, "en-GB,en;q=0.9", "en"),
        ({}, "fr, zh-CN;q=0.8", "zh"),
        ({"roost_language": "zh"}, "en", "zh"),
        ({"roost_language": "en"}, "zh", "en"),
        ({"roost_language": "xx"}, "fr", "zh"),
    ],
)
def test_the_cookie_decides_before_the_browser(
    cookies: dict[str, str], accept: str, language: str
) -> None:
    assert chosen(cookies, accept) == language


@pytest.mark.parametrize(
    "elsewhere", ["", "https://example.cn/", "//example.cn", "/\\example.cn", "/a\nb", "x"]
)
def test_nobody_is_sent_to_another_site(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


def test_a_path_of_ours_is_gone_back_to() -> None:
    assert local_path("/console/queue?state=claimed") == "/console/queue?state=claimed"


async def test_a_refusal_is_a_page_in_the_language_of_the_cookie(
    browser: httpx.AsyncClient,
) -> None:
    for language, words in (("zh", "未找到该匹配。"), ("en", "There is no such match.")):
        answer = await browser.get(
            "/console/gone", headers={"cookie": f"roost_language={language}"}
        )
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert words in answer.text


async def test_a_server_that_is_away_says_that_nothing_is_lost_and_when_to_try(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/console/away", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert say_in("en")("shell.problem.text_503") in answer.text


async def test_who_pressed_a_button_is_told_beside_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/console/gone", headers={"hx-request": "true"})
    assert answer.headers["hx-retarget"] == "#toasts"
    assert "<html" not in answer.text


async def test_a_path_that_is_not_the_consoles_keeps_its_problem(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/v1/nothing")
    assert answer.headers["content-type"] == problem_responses.MEDIA


async def test_the_language_is_kept_and_one_stays_where_one_was(
    browser: httpx.AsyncClient,
) -> None:
    sent = {"language": "en", "next": "/console/nowhere"}
    answer = await browser.post("/console/language", data=sent)
    assert answer.headers["location"] == "/console/nowhere"
    assert "roost_language=en" in answer.headers["set-cookie"]


async def test_who_has_not_signed_in_is_sent_there_and_comes_back(
    browser: httpx.AsyncClient,
) -> None:
    del browser.headers["authorization"]
    answer = await browser.get("/console/nowhere?a=b", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/console/sign-in?next=/console/nowhere%3Fa%3Db"
    part = await browser.get(
        "/console/nowhere",
        headers={"hx-request": "true", "hx-current-url": "http://roost/console/queue?x=1"},
    )
    assert part.headers["hx-redirect"] == "/console/sign-in?next=/console/queue%3Fx%3D1"


async def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/console/nowhere")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("ago", "zh", "en"),
    [
        (timedelta(seconds=5), "刚刚", "just now"),
        (timedelta(seconds=-5), "刚刚", "just now"),
        (timedelta(minutes=1), "1分钟前", "1 minute ago"),
        (timedelta(hours=5), "5小时前", "5 hours ago"),
        (timedelta(days=3), "3天前", "3 days ago"),
    ],
)
def test_how_long_ago_is_said_in_both_languages(ago: timedelta, zh: str, en: str) -> None:
    said = {
        language: Times(NOW, "Asia/Shanghai", language, say_in(language)).ago(NOW - ago)
        for language in ("zh", "en")
    }
    assert said == {"zh": zh, "en": en}


def test_a_moment_is_said_in_the_countys_time() -> None:
    assert Times(NOW, "Asia/Shanghai", "zh", say_in("zh")).at(NOW) == "11月23日 17:00"
    assert Times(NOW, "Asia/Shanghai", "en", say_in("en")).at("2025-11-23T09:00:00Z") == (
        "23 Nov 2025 17:00"
    )


def test_the_next_page_keeps_the_filters_and_drops_the_confirmation() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/console/admin/audit",
        "query_string": b"by=root&done=saved&cursor=old",
        "headers": [],
        "server": ("roost", 80),
        "scheme": "http",
    }
    assert next_page(Request(scope), "new") == "/console/admin/audit?by=root&cursor=new"
    assert next_page(Request(scope), None) is None
