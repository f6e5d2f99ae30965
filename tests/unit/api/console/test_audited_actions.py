"""The audit trail in words: every route, also of earlier releases, is an action and its object."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.console.admin.audited_actions import (
    BY_METHOD,
    CAUSES,
    OBJECTS,
    PAGE,
    VERBS,
    words_of,
)
from api.console.me.data_pages import accesses_by_day
from api.console.shell.translations import catalogue, say_in
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry, SecurityEventKind
from tests.unit.api.walk import routes

WITHOUT_OBJECT = {"/", "/console", "/console/nowhere", "/console/admin", "/favicon.ico"}
UNRECORDED = (
    "/static",
    "/console/join",
    "/health",
    "/metrics",
    "/feeds",
    "/openapi",
    "/docs",
    "/v1/public",
)


def recorded() -> list[tuple[str, str]]:
    return sorted(
        {
            (method, route.path)
            for route in routes()
            for method in route.methods
            if route.path not in WITHOUT_OBJECT and not route.path.startswith(UNRECORDED)
        }
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_route_is_an_action_with_an_object(language: str) -> None:
    say = say_in(language)
    page = say(f"audited.object.{PAGE}")
    found = {each: words_of(*each, say) for each in recorded()}
    assert len(found) > 150
    assert [each for each, words in found.items() if words.endswith(page) or "/" in words] == []


@pytest.mark.parametrize(
    ("method", "route", "zh", "en"),
    [
        ("GET", "/console/queue", "查看匹配队列", "Viewed the match queue"),
        ("GET", "/v1/matches/{id}", "查看匹配", "Viewed matches"),
        ("POST", "/console/matches/{id}/act", "办理匹配", "Acted on matches"),
        ("POST", "/v1/openings/{id}/{verb}", "办理岗位", "Acted on openings"),
        ("DELETE", "/v1/profiles/{id}", "删除求职档案", "Removed profiles"),
        ("POST", "/v1/sign-in/passkey", "登录：本系统", "Signed in to Roost"),
        ("DELETE", "/v1/profiles/{id}/stop", "恢复接收消息", "Resumed messages"),
        ("POST", "/v1/openings", "新增岗位", "Created openings"),
        ("PUT", "/v1/stations/{id}", "更改服务站", "Changed stations"),
        ("GET", "/v1/profiles/{id}/export", "导出求职档案", "Exported profiles"),
        ("POST", "/v1/search", "查看搜索结果", "Viewed search results"),
        ("GET", "/a/route/of/another/release", "查看页面", "Viewed a page"),
    ],
)
def test_an_action_is_a_verb_and_its_object(method: str, route: str, zh: str, en: str) -> None:
    assert words_of(method, route, say_in("zh")) == zh
    assert words_of(method, route, say_in("en")) == en


def test_every_word_of_the_trail_is_used_and_exists() -> None:
    known = {key for key in catalogue("en") if key.startswith("audited.")}
    verbs = {*VERBS.values(), *BY_METHOD.values(), "handled", "created", "erased", "resumed"}
    expected = {
        "audited.action",
        *(f"audited.object.{each}" for each in {*OBJECTS.values(), PAGE}),
        *(f"audited.verb.{each}" for each in verbs),
        *(f"audited.cause.{each}" for each in CAUSES),
    }
    assert known == expected
    assert {f"admin.audit.events.{each.value}" for each in SecurityEventKind} <= set(
        catalogue("zh")
    )


def test_a_persons_reads_of_one_day_are_one_line() -> None:
    begin = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # 23:00 in the county

    def entry(who: str, minutes: int, method: str = "GET") -> AuditEntry:
        return AuditEntry(
            id="t-" + "a" * 26,
            request_id="r",
            who=who,
            role=AccountRole.CLERK,
            method=method,
            route="/console/queue",
            status=200,
            at=begin + timedelta(minutes=minutes),
        )

    newest_first = [
        entry("u-li", 70),
        *[entry("u-li", 50 - at) for at in range(40)],
        entry("u-li", 9, "POST"),
        entry("u-fang", 5),
    ]
    lines = accesses_by_day(
        newest_first, {"u-li": "李娜", "u-fang": "王芳"}, ZoneInfo("Asia/Shanghai")
    )
    assert [(str(each.day), each.name, each.viewed, each.changed) for each in lines] == [
        ("2026-12-01", "李娜", 1, 0),
        ("2026-11-30", "李娜", 40, 1),
        ("2026-11-30", "王芳", 1, 0),
    ]
