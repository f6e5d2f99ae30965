"""No page shows the name that a field has on the wire."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.console.shell.refusal_words import field_name, problem_text, refusal_text
from api.guards.problem_responses import problem_body
from api.openings.posting_rules import out_of_reach
from roost.contact.stop_links import unknown_recipient
from roost.errors import Invalid, RoostError, at_field, conflicting_field, invalid_field
from roost.events.account import AccountRole
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.events.station import Station
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import ELSEWHERE, MINE, Views, opening

ROOTS = ("api", "producers", "roost")
BEGINS = re.compile(r"[a-z][A-Za-z]*(\.[A-Za-z0-9]+)*(: |：)")
"""Beginning of a text that names a field of the wire."""
INTERNAL = {("roost/kafka/incoming.py", "id: ")}
"""Texts that no person at a page sees: a record's fault for the dead letters."""
WIRE = sorted(
    {
        info.alias or name
        for model in (Profile, Opening, Station)
        for name, info in model.model_fields.items()
    }
    | {"hiringOrganization.id", "channels.0.address", "willing.places.3", "baseSalary.minValue"}
)
LEAK = re.compile(r"\b[a-z]+[A-Z][A-Za-z]*\b|\b[a-z]+\.[a-z0-9]+\b")


def texts_with_a_field(path: Path) -> Iterator[str]:
    """Yield the beginning of each text of an error that names a field, which the error lacks."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if not call.func.id[:1].isupper() or any(each.arg == "fields" for each in call.keywords):
            continue
        for argument in call.args[:2]:
            first = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
            text = first.value if isinstance(first, ast.Constant) else None
            if isinstance(text, str) and (found := BEGINS.match(text)):
                yield found[0]


@pytest.mark.parametrize("root", ROOTS)
def test_an_error_that_names_a_field_in_its_text_has_the_field(root: str) -> None:
    """Pages put their own name in its place; a text alone would be shown as it is."""
    found = {
        (str(path), text) for path in Path(root).rglob("*.py") for text in texts_with_a_field(path)
    }
    assert found - INTERNAL == set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("field", WIRE)
def test_no_field_is_shown_by_its_wire_name(field: str, language: str) -> None:
    for error in (
        invalid_field(field, "is empty; fill it in", "为空，请填写"),
        conflicting_field(field, "is taken", "已被占用"),
        at_field(RoostError, field, "is wrong", "有误"),
    ):
        for text in (refusal_text(error, language), problem_text(problem(error), language)):
            assert not LEAK.search(text), text
            assert not text.startswith((f"{field}:", f"{field}："))


def problem(error: RoostError) -> dict[str, object]:
    return problem_body(None, error)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("error", [out_of_reach(), unknown_recipient()])
def test_messages_without_a_form_name_no_field_of_the_wire(
    error: RoostError, language: str
) -> None:
    text = refusal_text(error, language)
    assert not LEAK.search(text)
    assert not BEGINS.match(text)


def test_a_known_field_has_the_name_of_the_pages() -> None:
    assert field_name("home.name", "zh") == "家乡"
    assert field_name("channels.2.address", "en") == "Contact"
    assert field_name("unheard", "zh") == ""
    text = refusal_text(Invalid("whole", "整体"), "zh")
    assert text == "整体"
    assert (
        refusal_text(out_of_reach(), "zh")
        == "用工单位：只能发布本单位的岗位，或本站服务地区的岗位。"
    )


async def test_the_page_of_a_refused_import_names_no_field_of_the_wire() -> None:
    browser = Signed(AccountRole.AUDITOR, language="zh")
    page = await browser.client.get("/console/imports")
    assert page.status_code == 403
    assert not BEGINS.search(_main(page.text))


async def test_a_form_out_of_reach_names_no_field_of_the_wire() -> None:
    browser = Signed(
        AccountRole.CLERK, elastic=Views(), others=None, language="zh", station_ids=(MINE,)
    )
    content = opening(ELSEWHERE)
    typed = {
        "title": content["title"],
        "hiringOrganization.id": "x",
        "hiringOrganization.name": "某厂",
        "jobLocation.name": ELSEWHERE.key,
        "totalJobOpenings": "1",
    }
    page = await browser.send("/console/openings/new", **typed)
    text = _main(page.text)
    assert "hiringOrganization.id：" not in text
    assert "hiringOrganization.id:" not in text


def _main(text: str) -> str:
    """Return the words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(text.partition("<main")[2])).split())
