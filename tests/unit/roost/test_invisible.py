"""Invisible characters leave names and titles, except where a script is written with them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.accounts.schemas import NewAccount
from api.keys.schemas import NewKey
from producers import simulator
from roost.events.account import Holder
from roost.events.common import Line, Place
from roost.events.envelope import decode
from roost.events.notice import Words
from roost.events.opening import OpeningContent, Organization
from roost.events.profile import Profile, ProfileContent
from roost.events.station import StationContent
from roost.rules.profile_fields import Writer, decide_fields
from roost.text.invisible import shown_line

CONTROLS = {
    "bidi overrides and embeddings": "\u202a\u202b\u202c\u202d\u202e",
    "bidi isolates": "\u2066\u2067\u2068\u2069",
    "direction marks": "\u200e\u200f\u061c",
    "zero width": "\u200b\u2060\ufeff\u00ad\u034f\u2061\u2064",
    "joiners": "\u200c\u200d",
    "deprecated formats": "\u206a\u206f",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800",
    "variation selectors": "\ufe0e\U000e01ef\u180b",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "annotations": "\ufff9\ufffa\ufffb",
    "musical and shorthand formats": "\U0001d173\U0001bca0",
}


@pytest.mark.parametrize("characters", CONTROLS.values(), ids=CONTROLS)
def test_no_invisible_character_is_left_between_latin_and_han_letters(characters: str) -> None:
    for each in characters:
        assert shown_line(f"{each}Li{each}·a{each}b{each}") == "Li·ab", hex(ord(each))
    if "\ufe0e" in characters:
        characters = "\u180b"  # a selector after a Han character chooses its form
    for each in characters:
        assert shown_line(f"{each}张{each}三{each}") == "张三", hex(ord(each))


@pytest.mark.parametrize(
    "written",
    [
        "می\u200cخواهم",  # Persian
        "രാജന\u0d4d\u200d",  # Malayalam, at the end of the word
        "ක්\u200dරමය",  # Sinhala
        "র\u200d্যাব",  # Bengali
        "ᠰᠠᠢᠨ\u180e\u1820",  # Mongolian vowel separator
        "ᠠ\u180b",  # Mongolian form
        "葛\U000e0100城",  # form of a character in a name
        "👩\u200d🍳",  # emoji of two
        "❤\ufe0f\u200d🔥",
        "廚師☎\ufe0e",
        "张三",
        "O'Brien-Smith",
        "ªéß",
    ],
)
def test_characters_that_a_script_needs_stay(written: str) -> None:
    assert shown_line(written) == written


def test_line_separators_become_spaces() -> None:
    assert shown_line("电焊工\u2028急招\u2029") == "电焊工 急招 "


@example("👩\u200d\ufe0f")
@example("ᠠ\u200d\u180b")
@given(
    st.text(st.sampled_from("a张م്\u200d\u200c\u202e\ufe0f\u180e\u180bᠠ👩\u3164 \u2028"), max_size=9)
)
def test_a_second_pass_changes_nothing(text: str) -> None:
    once = shown_line(text)
    assert shown_line(once) == once


WORKER: dict[str, Any] = next(simulator.profiles(1)).to_dict()
OPENING: dict[str, Any] = {
    "title": "焊工",
    "hiringOrganization": {"id": "x", "name": "示例公司"},
    "jobLocation": {"name": "太原市"},
}
STATION = {"identifier": "1", "name": "服务站", "place": {"name": "太原市"}}
ENTERED = [
    (ProfileContent, {"name": "", "home": WORKER["home"], "location": WORKER["location"]}, "name"),
    (OpeningContent, OPENING, "title"),
    (Organization, {"id": "x", "name": ""}, "name"),
    (StationContent, STATION, "name"),
    (Place, {"name": ""}, "name"),
    (Words, {"title": "", "body": "正文"}, "title"),
    (NewKey, {"name": "", "role": "admin"}, "name"),
    (NewAccount, {"login": "li", "name": "", "role": "admin"}, "name"),
]


@pytest.mark.parametrize(("model", "content", "field"), ENTERED, ids=lambda each: str(each)[:30])
def test_every_name_and_title_is_entered_without_them(
    model: Any, content: dict[str, Any], field: str
) -> None:
    typed = "\u200b示\u202e例\u2066公\u3164司\ufeff"
    assert getattr(model.model_validate(content | {field: typed}), field) == "示例公司"
    with pytest.raises(ValidationError):
        model.model_validate(content | {field: "\u3164\u202e\u200b "})


@pytest.mark.parametrize(
    ("model", "content", "field"), ENTERED[:6], ids=lambda each: str(each)[:30]
)
def test_a_stored_one_that_shows_nothing_is_read(
    model: Any, content: dict[str, Any], field: str
) -> None:
    """An earlier release accepted it; unread, the whole record would be lost at a rebuild."""
    stored = content | {field: "\u3164\u200b"}
    assert getattr(model.from_stored(stored), field) == "\u3164\u200b"
    assert getattr(decode(model, orjson.dumps(stored)), field) == "\u3164\u200b"
    assert getattr(model.from_stored(stored | {field: "\u3164示例"}), field) == "示例"


def test_a_stored_skill_that_shows_nothing_survives_an_edit() -> None:
    content = WORKER | {"skills": ["\u200b", "焊工"]}
    stored = Profile.from_stored(
        content | {"id": "w-" + "a" * 26, "createdAt": "2026-11-01T00:00:00Z", "source": "api"}
    )
    edited = ProfileContent.model_validate({k: v for k, v in WORKER.items() if k != "skills"})
    assert decide_fields(Writer.ROSTER, edited, stored).content.skills == ("\u200b", "焊工")


@pytest.mark.parametrize("id", [".", "..", "....", "a\u3164", "\u115f", "site\u200d1", "a\ufe0f"])
def test_an_employers_id_is_entered_as_one_can_read_it(id: str) -> None:
    """The path of `..` is another resource, and two ids must not look alike."""
    key = {"name": "hr", "role": "employer", "employerId": id}
    account = {"login": "li", "name": "李", "role": "employer", "employerId": id}
    entered: list[tuple[Any, dict[str, Any]]] = [
        (NewKey, key),
        (NewAccount, account),
        (Organization, {"id": id, "name": "示例公司"}),
    ]
    for model, content in entered:
        with pytest.raises(ValidationError, match="letters or digits"):
            model.model_validate(content)
    assert Organization.from_stored({"id": id, "name": "x"}).id == id
    assert Holder.from_stored({"role": "employer", "employerId": id}).employer_id == id


@pytest.mark.parametrize("id", ["uscc:91110000100000000R", "site-1", "示例_厂", "a..b", ".a"])
def test_other_ids_of_employers_are_accepted(id: str) -> None:
    assert Organization.model_validate({"id": id, "name": "x"}).id == id


def test_a_line_of_fillers_is_as_empty_as_it_looks() -> None:
    for typed in ("\u2800", "\u3164\u3164", "\u200d"):
        with pytest.raises(ValidationError, match="at least 1 character"):
            TypeAdapter(Line).validate_python(typed)
