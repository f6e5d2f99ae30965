"""All names of a skill are one skill: in the data, the score, the wording, the search."""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib.resources import files
from typing import Any

import pytest

from matcher import queries, ranking, skills
from matcher.suggestions import Suggestion, suggest_training
from producers import simulation
from roost.kafka.incoming import Fact, Incoming
from roost.law.attributes import without_attributes
from roost.law.findings import all_demanded
from roost.places.gazetteer import gazetteer
from roost.text.skill_names import (
    KEYED,
    commonest,
    names_in,
    one_name,
    rows,
    skill_key,
    spelling,
    with_one_names,
)
from roost.text.tokens import normal_skill
from roost.topics import PROFILES
from streams.index import entity_documents
from tests.unit.matcher.builders import NOW, TODAY, Builder, profile

VOCABULARY = list(rows())
NAMES = [name for row in VOCABULARY for name in names_in(row)]
SYNONYMS = [
    ("砌墙", "砌砖"),
    ("砌砖", "bricklaying"),
    ("电焊", "焊接"),
    ("手工电弧焊", "焊接"),
    ("Welding", "电焊"),
    ("MS Excel", "Excel"),
    ("Excel", "电子表格"),
    ("开叉车", "Forklift driving"),
    ("照顾老人", "养老护理"),
]


def test_a_name_is_in_one_row_once() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for row in VOCABULARY:
        for name in names_in(row):
            where[spelling(name)].append(row["key"])
    assert {name: keys for name, keys in where.items() if len(keys) > 1} == {}


def test_keys_are_unique_slugs() -> None:
    keys = [row["key"] for row in VOCABULARY]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if not key.isascii() or not key.replace("-", "").isalnum()] == []
    assert [key for key in keys if key != key.lower()] == []


def test_every_row_is_whole() -> None:
    for row in VOCABULARY:
        assert set(row) == {"key", "label_zh", "label_en", "names"}
        for name in (row["label_zh"], row["label_en"], *row["names"].split("|")):
            assert name == name.strip() != ""


def test_no_name_holds_what_may_not_decide() -> None:
    assert [name for name in NAMES if without_attributes(name) != name or all_demanded(name)] == []


def test_a_name_is_known_as_written_and_as_the_features_keep_it() -> None:
    assert [name for name in NAMES if not skill_key(name)] == []
    assert [name for name in NAMES if skill_key(normal_skill(name)) != skill_key(name)] == []


def test_what_the_samples_ask_for_is_known() -> None:
    trades = (*simulation.ZH_TRADES, *simulation.EN_TRADES)
    asked = {skill for trade in trades for skill in trade.skills}
    path = files("roost") / "data" / "sample" / "workshops.csv"
    with path.open(encoding="utf-8") as lines:
        asked |= {skill for row in csv.DictReader(lines) for skill in row["技能要求"].split(";")}
    assert [skill for skill in sorted(asked) if not skill_key(skill)] == []


@pytest.mark.parametrize(("one", "other"), SYNONYMS)
def test_two_names_of_a_skill_are_one(one: str, other: str) -> None:
    assert skill_key(one) == skill_key(other)
    assert skill_key(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("焊接", "氩弧焊"),
        ("氩弧焊", "二保焊"),
        ("砌墙", "抹灰"),
        ("缝纫", "锁边"),
        ("护理", "nursing"),
        ("java", "javascript"),
        ("Excel", "Word"),
        ("货车驾驶", "叉车驾驶"),
    ],
)
def test_what_is_merely_related_is_another_skill(one: str, other: str) -> None:
    assert None not in (skill_key(one), skill_key(other))
    assert skill_key(one) != skill_key(other)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ＭＳ－Excel", "excel"),
        ("EXCEL 表格", "Excel"),
        ("会开叉车", "叉车驾驶"),
        ("熟练使用办公软件", "办公软件"),
        ("精通Java", "java"),
        ("good knowledge of Excel", "Excel"),
        ("experience in welding", "焊接"),
        ("Proficient in MS Office", "办公软件"),
        ("Good communication skills", "沟通"),
        ("能使用卡尺", "卡尺使用"),
        ("熟练使用 MS Excel", "电子表格"),
        ("精通Microsoft Office", "办公软件"),
    ],
)
def test_spelling_and_how_well_it_is_known_keep_nothing_apart(said: str, name: str) -> None:
    assert skill_key(said) == skill_key(name) is not None


@pytest.mark.parametrize(
    "text",
    ["", "会", "good", "会展", "不会焊接", "no experience in welding", "砌墙砖", "kiln firing"],
)
def test_what_is_no_name_has_no_key_and_is_itself(text: str) -> None:
    assert skill_key(text) is None
    assert one_name(text) == text


def test_words_about_a_skill_are_cut_only_when_the_whole_is_no_name() -> None:
    assert skill_key("会计") == "accounting"
    assert skill_key("会会计") == "accounting"


@pytest.mark.parametrize(("asked", "owned"), [*SYNONYMS, *((b, a) for a, b in SYNONYMS)])
def test_who_has_it_by_one_name_has_it_by_another(make: Builder, asked: str, owned: str) -> None:
    opening = make.opening(skills=[asked, "识图"], preferredSkills=[asked])
    worker = make.worker(skills=[owned])
    assert skills.missing(opening, worker) == ["识图"]
    assert skills.lacking(opening, worker) == ["识图"]
    assert skills.coverage(opening, worker) == pytest.approx(1 / 2)


@pytest.mark.parametrize(("one", "other"), SYNONYMS)
def test_an_opening_that_names_a_skill_by_two_names_asks_for_it_once(
    make: Builder, one: str, other: str
) -> None:
    once = make.opening(skills=[one, "识图"], preferredSkills=["抹灰"])
    twice = make.opening(skills=[one, other, "识图"], preferredSkills=[other, "抹灰"])
    assert (twice.skills, twice.preferred_skills) == (once.skills, once.preferred_skills)


def test_what_the_vocabulary_does_not_know_is_met_by_containing_it(make: Builder) -> None:
    assert skills.has(make.worker(skills=["窑炉烧制工艺"]), "窑炉烧制")
    assert skills.has(make.worker(skills=["kiln firing"]), "firing")
    assert not skills.has(make.worker(skills=["javascript"]), "java")
    assert not skills.has(make.worker(skills=["窑炉烧制"]), "釉料调配")
    assert not skills.has(make.worker(skills=[]), "砌墙")


def test_a_reason_tells_skills_as_the_opening_says_them(make: Builder) -> None:
    opening = make.opening(skills=["砌砖", "抹灰"])
    found = ranking.evaluate(opening, make.worker(skills=["砌墙"]), TODAY)
    [told] = [each for each in found.reasons if each.part == "skills"]
    assert told.zh == "技能符合 1/2：砌砖；缺少：抹灰"
    assert found.missing_skills == ("抹灰",)


def test_nobody_is_sent_to_learn_what_they_can_by_another_name(make: Builder) -> None:
    openings = [make.opening(skills=["砌砖"]), make.opening(skills=["bricklaying", "抹灰"])]
    found = suggest_training(make.worker(skills=["砌墙"]), openings, TODAY)
    assert [each.skill for each in found] == ["抹灰"]


def test_a_skill_is_suggested_once_by_its_most_usual_name(make: Builder) -> None:
    asked = (["砌砖"], ["砌墙"], ["砌砖"])
    openings = [make.opening(skills=each) for each in asked]
    [found] = suggest_training(make.worker(), openings, TODAY)
    alone = [suggest_training(make.worker(), [each], TODAY)[0].points for each in openings]
    assert (found.skill, found.points) == ("砌砖", pytest.approx(sum(alone)))


def test_a_course_is_the_same_by_any_name_and_a_licence_by_its_own() -> None:
    assert Suggestion("砌砖", 1, 1.0).taught == Suggestion("砌墙", 2, 3.0).taught
    assert Suggestion("电焊", 1, 1.0, "licence").taught == ("licence", "电焊")
    assert commonest({"砌墙": 1, "砌砖": 2}) == "砌砖"
    assert commonest({"b": 1, "a": 1}) == "a"


def skill_clauses(body: dict[str, Any]) -> list[list[str]]:
    (scored,) = body["query"]["bool"]["must"]
    asked: list[list[str]] = []
    for each in scored["function_score"]["functions"]:
        found = each.get("filter", {})
        (clause, *_) = found.get("bool", {}).get("filter", [found])
        forms = clause.get("terms", {}).get("skills")
        if forms and forms not in asked:
            asked.append(forms)
    return asked


def test_the_search_asks_for_a_skill_once_in_both_forms(make: Builder) -> None:
    opening = make.opening(skills=["砌砖", "砌墙", "窑炉烧制"])
    asked = skill_clauses(queries.workers_for(opening, TODAY, 10))
    assert asked == [["skill/bricklaying", "砌砖"], ["窑炉烧制"]]
    worker = make.worker(skills=["手工电弧焊", "电焊"])
    assert skill_clauses(queries.openings_for(worker, TODAY, 10)) == [
        ["skill/welding", "手工电弧焊", "电焊"]
    ]


@pytest.mark.parametrize(("asked", "owned"), SYNONYMS)
def test_a_document_is_found_by_another_name_of_its_skill(
    make: Builder, asked: str, owned: str
) -> None:
    person = profile(skills=[owned])
    origin = Incoming(PROFILES, 0, 0, person.id.encode(), person.to_json(), NOW)
    fact = Fact(person.id, person, origin)
    [document] = entity_documents.documents_of_facts([fact], make.model, gazetteer())
    assert document["skills"][0] == normal_skill(owned)
    body = queries.workers_for(make.opening(skills=[asked]), TODAY, 10)
    assert not set(skill_clauses(body)[0]).isdisjoint(document["skills"])


def test_a_key_cannot_be_written() -> None:
    assert with_one_names(["砌墙", "砌砖", "窑炉"]) == ["砌墙", "砌砖", "窑炉", "skill/bricklaying"]
    assert KEYED not in normal_skill("skill/bricklaying")
