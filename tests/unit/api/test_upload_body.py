"""A form of decisions and a file is read in pieces, in whatever pieces it arrives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports.decisions import ImportDecisions
from api.imports.upload_body import MOST_DECISION_BYTES, UploadBody
from roost.errors import Invalid, TooLarge
from roost_client.resources import form_of

SAME = {"employers": [{"name": "岚岭食品厂", "sameAs": "uscc:91110000100000000R"}]}
FILE = "标题,地点\r\n--x\r\n焊工,太原市\r\n".encode()


async def sent(body: bytes, kind: str, size: int = 7) -> tuple[ImportDecisions, str, bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    upload = UploadBody(pieces(), kind)
    decisions = await upload.read_decisions()
    return decisions, upload.content_type, b"".join([each async for each in upload.pieces()])


def part(name: str, content: bytes, kind: str = "text/csv") -> bytes:
    head = f'--x\r\ncontent-disposition: form-data; name="{name}"\r\ncontent-type: {kind}\r\n\r\n'
    return head.encode() + content + b"\r\n"


@given(size=st.integers(1, 400))
async def test_decisions_and_the_file_arrive_whole(size: int) -> None:
    body, kind = form_of(SAME, FILE, "text/csv")
    decisions, content_type, file = await sent(body, kind, size)
    assert decisions == ImportDecisions.model_validate(SAME)
    assert (content_type, file) == ("text/csv", FILE)


async def test_a_plain_file_and_a_form_without_decisions_hold_none() -> None:
    assert await sent(FILE, "text/csv") == (ImportDecisions(), "text/csv", FILE)
    form = part("file", FILE.replace(b"--x", b"--y")) + b"--x--\r\n"
    decisions, kind, file = await sent(form, "multipart/form-data; boundary=x")
    assert (decisions, kind, len(file)) == (ImportDecisions(), "text/csv", len(FILE))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("{", "(body)"),
        ("[]", "decisions"),
        ('{} , "x": 1', "x"),
        (json.dumps({"people": [{"row": "me"}]}), "decisions.people.0.row"),
        (json.dumps({"places": [{"text": "", "key": "cn:1"}]}), "decisions.places.0.text"),
        (json.dumps({"names": []}), "decisions.names"),
    ],
)
async def test_wrong_decisions_are_named(wrong: str, field: str) -> None:
    form = part("decisions", wrong.encode(), "application/json") + part("file", b"x") + b"--x--\r\n"
    with pytest.raises(Invalid) as refused:
        await sent(form, "multipart/form-data; boundary=x")
    assert field in {each.field for each in refused.value.fields}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"hello", "multipart/form-data; boundary=x"),
        (part("file", b"x"), "multipart/form-data"),
        (part("file", b"x"), f"multipart/form-data; boundary={'x' * 1000}"),
        (part("decisions", b"{}"), "multipart/form-data; boundary=x"),
        (part("decisions", b"{}") + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (
            part("other", b"{}") + part("file", b"x") + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        (part("file", b"x")[:-20], "multipart/form-data; boundary=x"),
        (b"--x\r\n" + b"a: b\r\n" * 2_000 + b"\r\n", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_form_that_is_incomplete_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Invalid):
        await sent(body, kind)


async def test_decisions_are_bounded() -> None:
    many: Any = b" " * (MOST_DECISION_BYTES + 1)
    with pytest.raises(TooLarge):
        await sent(
            part("decisions", many) + b"--x--\r\n", "multipart/form-data; boundary=x", 65_536
        )
