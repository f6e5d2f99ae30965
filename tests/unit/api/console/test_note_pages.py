"""Pages of notes in memory: all notes of an object, a new note, its edit and its removal."""

from __future__ import annotations

import re

import pytest

from roost.events.account import AccountRole as R
from roost.events.note import NoteAbout
from tests.unit.api.console.pages import Signed
from tests.unit.api.conversation_views import STATION
from tests.unit.api.note_views import EMPLOYER, OPENING, NoteViews

TEXT = "白天不便接听 <b>"


@pytest.fixture
def views() -> NoteViews:
    return NoteViews()


def signed(views: NoteViews, role: R = R.CLERK, language: str = "zh") -> Signed:
    confined = {"employer_id": EMPLOYER} if role is R.EMPLOYER else {"station_ids": (STATION,)}
    return Signed(role, elastic=views, others=views, language=language, **confined)


def list_of(views: NoteViews, about: NoteAbout) -> str:
    worker = views.worker("1")
    return {
        NoteAbout.WORKER: f"/console/profiles/{worker}/notes",
        NoteAbout.MATCH: f"/console/matches/{views.match(worker)}/notes",
        NoteAbout.OPENING: f"/console/employer/openings/{OPENING}/notes",
        NoteAbout.EMPLOYER: f"/console/employers/{EMPLOYER}/notes",
    }[about]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("about", list(NoteAbout))
async def test_a_note_is_written_once_edited_and_removed(
    views: NoteViews, about: NoteAbout, language: str
) -> None:
    clerk, where = signed(views, language=language), list_of(views, about)
    page = (await clerk.get(where)).text
    warned = {"zh": ("本人有权查阅", "请勿填写"), "en": ("may read it", "Do not write")}[language]
    assert warned[about in {NoteAbout.OPENING, NoteAbout.EMPLOYER}] in page
    seed = re.search(r'name="seed" value="([^"]+)"', page)
    assert seed
    for _ in range(2):
        answer = await clerk.send(where, text=TEXT, seed=seed[1])
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith("?done=note_saved#notes")
    page = (await clerk.get(where)).text
    assert page.count("白天不便接听 &lt;b&gt;</p>") == 1
    edit = re.search(r"/console/notes/j-[a-z2-7]+", page)
    assert edit
    assert "白天不便接听" in (await clerk.get(edit[0])).text
    empty = await clerk.send(edit[0], text=" ")
    assert empty.status_code == 422
    assert 'href="#text"' in empty.text
    assert (await clerk.send(edit[0], text="第二稿")).status_code == 303
    assert "第二稿</p>" in (await clerk.get(where)).text
    assert (await clerk.send(f"{edit[0]}/remove")).status_code == 303
    assert "第二稿" not in (await clerk.get(where)).text


async def test_an_empty_note_is_shown_again_with_its_error(views: NoteViews) -> None:
    answer = await signed(views).send(list_of(views, NoteAbout.WORKER), text="", seed="x")
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text


async def test_an_employer_sees_no_notes(views: NoteViews) -> None:
    employer = signed(views, R.EMPLOYER)
    for path in (list_of(views, NoteAbout.OPENING), list_of(views, NoteAbout.EMPLOYER)):
        assert (await employer.get(path)).status_code == 403
