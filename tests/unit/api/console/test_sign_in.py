"""Sign-in on a page: its steps, the values shown again, and the token of forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pyotp
import pytest

from api.access import forgery, totp
from api.access.refusals import NotSignedIn
from api.app import create_app
from api.console.shell.summary_labels import LabelMarks
from api.console.sign_in import sealed_password
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder
from roost.security import passwords
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, Topics, given_to

PASSWORD = "four words of mine"
CLERK = Holder(role=AccountRole.CLERK, station_ids=("s-" + "a" * 26,))


@pytest.fixture
def topics() -> Topics:
    return Topics()


@pytest.fixture
async def browser(topics: Topics) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings())
    given_to(app, topics)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://roost", headers={"accept": "text/html"}
    ) as client:
        yield client


def account(topics: Topics, **changes: object) -> None:
    made, _ = facts.account_made(
        CLERK, "li", "李娜", passwords.hashed(PASSWORD), at=NOW, must_change=False
    )
    topics.put(facts.account_put(made.model_copy(update=changes), at=NOW))


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found
    return found[1]


async def entered(browser: httpx.AsyncClient, **sent: str) -> httpx.Response:
    return await browser.post("/console/sign-in", data={"login": "li", **sent})


async def test_the_right_password_opens_the_page_that_was_asked_for(
    browser: httpx.AsyncClient, topics: Topics
) -> None:
    account(topics)
    answer = await entered(browser, password=PASSWORD, next="/console/nowhere")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/nowhere")
    assert (await browser.get("/console/nowhere")).status_code == 200


async def test_a_wrong_password_is_told_and_not_shown_again(
    browser: httpx.AsyncClient, topics: Topics
) -> None:
    account(topics)
    answer = await entered(browser, password="not the right one")
    assert answer.status_code == 422
    assert "账号、密码或动态码不正确" in answer.text
    assert "not the right one" not in answer.text
    assert 'value="li"' in answer.text


async def test_the_code_is_asked_for_in_a_second_step_and_the_password_stays_sealed(
    browser: httpx.AsyncClient, topics: Topics
) -> None:
    secret = totp.new_secret()
    account(topics)
    standing = next(iter(topics.identities.accounts.values()))
    account(topics, totp_secret=totp.seal_secret(KEY, standing.id, secret))
    first = await entered(browser, password=PASSWORD)
    assert PASSWORD not in first.text
    kept = hidden(first.text, "kept")
    assert (await entered(browser, kept=kept, code="000000")).status_code == 422
    answer = await entered(browser, kept=kept, code=pyotp.TOTP(secret).at(NOW))
    assert answer.status_code == 303


async def test_who_was_given_a_password_changes_it_before_anything_else(
    browser: httpx.AsyncClient, topics: Topics
) -> None:
    account(topics, must_change_password=True)
    answer = await entered(browser, password=PASSWORD)
    assert answer.headers["location"] == "/console/password?next=/"
    form = await browser.get(answer.headers["location"])
    sent = {
        "csrf": hidden(form.text, "csrf"),
        "former": PASSWORD,
        "password": "another four words",
        "repeated": "another for words",
    }
    wrong = await browser.post("/console/password", data=sent)
    assert "两次输入不一致" in wrong.text
    right = await browser.post("/console/password", data=sent | {"repeated": "another four words"})
    assert right.status_code == 303


async def test_a_form_without_the_token_is_refused(
    browser: httpx.AsyncClient, topics: Topics
) -> None:
    account(topics)
    await entered(browser, password=PASSWORD)
    assert (await browser.post("/console/sign-out")).status_code == 403
    page = await browser.get("/console/nowhere")
    answer = await browser.post("/console/sign-out", data={"csrf": hidden(page.text, "csrf")})
    assert answer.status_code == 303
    assert (await browser.get("/console/nowhere")).status_code == 303


def test_the_token_is_another_text_in_every_answer() -> None:
    token = "a-token-of_a-session"
    assert forgery.masked(token) != forgery.masked(token)
    forgery.check_token(forgery.masked(token), token)
    forgery.check_token(token, token)
    for wrong in (None, "", "m.", "m.!", "m.é", forgery.masked("another"), "x"):
        with pytest.raises(forgery.Forged):
            forgery.check_token(wrong, token)


def test_a_sealed_password_is_of_one_login_and_of_a_few_minutes() -> None:
    kept = sealed_password.seal_password(KEY, "li", PASSWORD, NOW)
    assert sealed_password.unseal_password(KEY, "li", kept, NOW) == PASSWORD
    for login, said, late in (
        ("wang", kept, timedelta()),
        ("li", kept[:-4], timedelta()),
        ("li", "é", timedelta()),
        ("li", kept, sealed_password.LIFETIME * 2),
    ):
        with pytest.raises(NotSignedIn):
            sealed_password.unseal_password(KEY, login, said, NOW + late)


async def test_no_text_of_a_visitor_is_read_as_a_label(browser: httpx.AsyncClient) -> None:
    """Before, 1 MB of such characters from a stranger held the process for a quarter of an hour."""
    forged = "\x02login\x03"
    answer = await entered(browser, password="p", login=forged)
    assert forged in answer.text
    many = await entered(browser, password="p", login="\x02" * 100_000)
    assert "\x02" * 100_000 in many.text
    marks = {str(LabelMarks().mark("login")) for _ in range(2)}
    assert len(marks) == 2, "a mark cannot be typed by somebody who has seen another page"
