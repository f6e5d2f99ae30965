"""Forms in other character sets than UTF-8 are refused before a field is decoded."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from tests.unit.api.test_signing_in import PASSWORD, Here

MULTIPART = "multipart/form-data; boundary=b"


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here()
    yield made
    await made.client.aclose()


def form(**fields: bytes) -> bytes:
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    )
    return b"".join(parts) + b"--b--\r\n"


@pytest.mark.parametrize(
    "parameter",
    [
        "charset=unicode_escape",
        "charset=punycode",
        'Charset = "undefined"',
        "charset=\x00",
        "charset*=utf-8''punycode",
        "charset*0=puny; charset*1=code",
        "charset=utf-8; charset=punycode",
        "charset=utf-16",
    ],
)
async def test_a_form_in_another_character_set_is_refused(here: Here, parameter: str) -> None:
    body = form(login=b"\\ud800-a", password=b"\\ud800-a")
    headers = {"content-type": f"{MULTIPART}; {parameter}"}
    answer = await here.client.post("/console/sign-in", content=body, headers=headers)
    assert answer.status_code == 422
    assert here.events == [], "no sign-in was tried"


async def test_no_form_of_a_stranger_holds_the_event_loop(here: Here) -> None:
    body = form(login=b"a" * 20_000 + b"-" + b"b" * 20_000)
    headers = {"content-type": f"{MULTIPART}; charset=punycode"}
    begun = time.process_time()
    await here.client.post("/console/sign-in", content=body, headers=headers)
    assert time.process_time() - begun < 0.25, "punycode alone takes 0.5 s and more"


async def test_a_form_of_a_session_is_refused_before_its_token_is_read(here: Here) -> None:
    here.account()
    await here.sign_in()
    body = form(csrf=b"a" * 20_000 + b"-" + b"b" * 20_000)
    headers = {"content-type": f"{MULTIPART}; charset=punycode"}
    begun = time.process_time()
    answer = await here.client.post("/console/account/language", content=body, headers=headers)
    assert answer.status_code == 422
    assert time.process_time() - begun < 0.25


@pytest.mark.parametrize("parameter", ["", "; charset=UTF-8", '; charset="utf-8"', ";charset=utf8"])
async def test_forms_in_utf_8_are_accepted(here: Here, parameter: str) -> None:
    here.account()
    body = form(login=b"li", password=PASSWORD.encode())
    headers = {"content-type": MULTIPART + parameter}
    answer = await here.client.post("/console/sign-in", content=body, headers=headers)
    assert answer.status_code == 303
