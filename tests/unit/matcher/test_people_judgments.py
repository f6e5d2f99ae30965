from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.people_judgments import read_people
from roost.errors import Invalid
from roost.ids import derive_public

PERSON = {"id": 7, "skills": ["砌墙", " "], "occupationsWanted": ["瓦工"], "experienceYears": 3}


def folder(path: Path, persons: list[Any], **files: str) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in persons]
    (path / "persons.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for name, content in files.items():
        (path / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return path


def test_people_and_trades_become_profiles_and_openings(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        [PERSON, {"id": "b", "summary": "会开叉车", "licences": ["叉车证"], "unknown": 1}],
        trades_tsv="t1\t砌筑工\nt2\t叉车司机\n",
        qrels_tsv="7\t0\tt1\t1\nb\t0\tt2\t1\nb\t0\tt1\t0\n",
    )
    judged = read_people(path)
    first = judged.profiles["7"]
    assert (first.skills, first.occupations_wanted) == (("砌墙",), ("瓦工",))
    assert first.experience_years == 3
    assert first.id == derive_public("w", "evaluation", "7")  # judging needs no county key
    assert judged.openings["t2"].title == "叉车司机"
    assert judged.texts.queries == {"7": "瓦工 砌墙", "b": "叉车证 会开叉车"}
    assert judged.texts.documents == {"t1": "砌筑工", "t2": "叉车司机"}
    assert judged.texts.relevant == {"7": {"t1"}, "b": {"t2"}}


def test_openings_keep_their_fields_but_not_their_last_day(tmp_path: Path) -> None:
    opening = {"id": "o", "title": "焊工", "skills": ["气焊"], "validThrough": "2001-01-01"}
    path = folder(
        tmp_path, [PERSON], openings_jsonl=json.dumps(opening) + "\n", qrels_tsv="7\t0\to\t1\n"
    )
    judged = read_people(path)
    assert judged.openings["o"].skills == ("气焊",)
    assert judged.openings["o"].valid_through is None
    assert judged.texts.documents == {"o": "焊工 气焊"}


def test_more_skills_than_a_profile_holds_are_not_read(tmp_path: Path) -> None:
    person = {"id": "p", "skills": [f"技能{n}" for n in range(150)] + ["长" * 400]}
    path = folder(tmp_path, [person], trades_tsv="t\t焊工\n", qrels_tsv="p\t0\tt\t1\n")
    assert len(read_people(path).profiles["p"].skills) == 100


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ("{", r"persons.jsonl line 1: not JSON"),
        ([1], r"persons.jsonl line 1: an object with an id"),
        ({"skills": []}, r"persons.jsonl line 1: an object with an id"),
        ({"id": "a", "experienceYears": -1}, r"persons.jsonl line 1: experienceYears"),
        ({"id": "a", "skills": "焊接"}, r"persons.jsonl line 1: skills"),
    ],
)
def test_an_unreadable_person_is_named(tmp_path: Path, person: Any, message: str) -> None:
    path = folder(tmp_path, [person], trades_tsv="t\t焊工\n", qrels_tsv="a\t0\tt\t1\n")
    with pytest.raises(Invalid, match=message):
        read_people(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"persons.jsonl is not in"):
        read_people(tmp_path)
    with pytest.raises(Invalid, match=r"trades.tsv is not in"):
        read_people(folder(tmp_path, [PERSON], qrels_tsv=""))
