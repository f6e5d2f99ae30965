"""Encodings of texts: read as written, or refused once; nothing garbled is ever returned."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.tables.text_encodings import encoding_of, without_marks
from roost.errors import Invalid
from tests.unit.producers.tables.table_files import text_file

CHINESE = "编号,姓名,技能,家乡\n7,张三,焊接；切割,太原市\n8,欧阳娜娜,养老护理,岭泉镇\n"
TRADITIONAL = "編號,姓名,技能,求職意向,學歷\n7,張三,銲接,電焊工,國中\n8,歐陽娜娜,護理,看護,高中\n"
ENGLISH = "Job ID,Title\n1,Children’s Counselor\n2,Barista at “CAFÉ” – NYC…\n3,FIANCÉ’S HELPER\n"
NORDIC = "id,rubrik\n1,Förskollärare i Malmö\n2,Ångström & Söner\n"
SHORT = ["姓名", "工作", "岗位", "太原市", "Children’s", "café", "Zürich", "Ñandú"]


def read_text(path: Path) -> str:
    return without_marks(path.read_text(encoding=encoding_of(path)))


def text_or_refusal(path: Path) -> str:
    try:
        return read_text(path)
    except Invalid as error:
        return error.message


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((CHINESE, each) for each in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                       "utf-32", "gb18030", "gbk", "gb2312")),
        *((TRADITIONAL, each) for each in ("utf-8", "big5", "utf-16", "utf-16-le")),
        *((ENGLISH, each) for each in ("utf-8", "cp1252", "utf-16", "utf-16-be")),
        *((NORDIC, each) for each in ("utf-8", "cp1252", "latin-1", "utf-16-le")),
    ],
)  # fmt: skip
def test_every_encoding_that_people_send_is_read_right(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert read_text(text_file(tmp_path / "a.csv", text, encoding)) == text


@pytest.mark.parametrize("marks", [0, 1, 2])
def test_up_to_two_byte_order_marks_are_taken_off(tmp_path: Path, marks: int) -> None:
    path = text_file(tmp_path / "a.csv", "\ufeff" * marks + CHINESE)
    assert read_text(path) == CHINESE


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp1252"])
def test_one_word_is_read_right_or_refused(tmp_path: Path, text: str, encoding: str) -> None:
    try:
        path = text_file(tmp_path / "a.csv", text, encoding)
    except UnicodeEncodeError:
        return
    found = text_or_refusal(path)
    assert found == text or "--encoding" in found


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Москва,водитель\n" * 3, "cp1251"), ("Children’s, “CAFÉ”\n", "mac-roman"),
     ("東京都,溶接工\n" * 3, "shift_jis")],
)  # fmt: skip
def test_an_encoding_that_cannot_be_told_is_asked_for(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = text_file(tmp_path / "a.csv", text, encoding)
    with pytest.raises(Invalid, match="--encoding"):
        encoding_of(path)
    assert path.read_text(encoding=encoding_of(path, encoding)) == text


def test_a_damaged_byte_is_named_by_its_line(tmp_path: Path) -> None:
    data = CHINESE.encode() + "9,王五,木工,太".encode()[:-1] + b"\n"
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(Invalid, match="line 4 is damaged: the text looks like UTF-8"):
        encoding_of(path)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("rest", [b"\x01", b"\x00\xd8\x00\xd8"])
def test_a_broken_file_in_utf_16_is_named_before_a_row_is_read(
    tmp_path: Path, order: str, rest: bytes
) -> None:
    path = tmp_path / "a.csv"
    mark = b"\xff\xfe" if order == "utf-16-le" else b"\xfe\xff"
    broken = rest if order == "utf-16-le" else rest[1:] + rest[:1]
    path.write_bytes(mark + "title\n焊工\n".encode(order) + broken)
    with pytest.raises(Invalid, match="UTF-16"):
        encoding_of(path)


def test_a_chosen_encoding_in_which_the_file_is_damaged_is_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.csv", CHINESE, "gb18030")
    with pytest.raises(Invalid, match="line 1"):
        encoding_of(path, "utf-8")


@pytest.mark.parametrize("name", ["rot13", "zip", "nonsense", "", "unicode_escape", "hex\0"])
def test_an_unknown_encoding_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="encoding"):
        encoding_of(text_file(tmp_path / "a.csv", "a"), name)


def test_a_far_away_character_decides_too(tmp_path: Path) -> None:
    text = "Job ID,Title\n" + "1,Clerk\n" * 200_000 + "2,Children’s Counselor\n"
    assert encoding_of(text_file(tmp_path / "a.csv", text, "cp1252")) == "cp1252"
    assert encoding_of(text_file(tmp_path / "a.csv", text)) == "utf-8"


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("encodings") / "a.csv"
    path.write_bytes(data)
    assert isinstance(text_or_refusal(path), str)
