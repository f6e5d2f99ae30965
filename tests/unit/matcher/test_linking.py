from __future__ import annotations

import pytest

from matcher.features import linked
from matcher.linking import Link, telling
from matcher.similarity import SimilarityModel
from matcher.taxonomy import taxonomy


def links(model: SimilarityModel, text: str) -> list[Link]:
    return model.linker.links(text, model.embed([text])[0])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("焊工", "焊工"),
        ("电焊工", "焊工"),
        ("氩弧焊", "焊工"),
        ("氩弧焊工", "焊工"),
        ("砌墙", "砌筑工"),
        ("瓦工", "砌筑工"),
        ("保姆", "家政服务员"),
        ("外卖骑手", "网约配送员"),
        ("Welders", "welder"),
        ("bricklayer", "bricklayer"),
    ],
)
def test_what_people_write_meets_the_occupation(
    model: SimilarityModel, text: str, label: str
) -> None:
    assert label in [link.occupation.label for link in links(model, text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("电焊工", "氩弧焊"), ("砌墙", "砌筑工"), ("挖机师傅", "挖掘机司机"), ("送快递", "快递员")],
)
def test_two_ways_to_say_it_are_linked_to_one(model: SimilarityModel, one: str, other: str) -> None:
    assert set(linked([one], model)) & set(linked([other], model))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("资深高级焊接技师傅", "焊工"),
        ("住院陪护大姐", "医疗护理员"),
        ("registered staff nurse", "nurse"),
    ],
)
def test_a_name_that_nobody_listed_is_linked_by_meaning(
    model: SimilarityModel, text: str, label: str
) -> None:
    found = links(model, text)
    assert found
    assert any(label in link.occupation.label for link in found)
    assert all(0 < link.likeness < 1 for link in found)


@pytest.mark.parametrize("text", ["", "😀", "123", "……"])
def test_what_means_nothing_is_linked_to_nothing(model: SimilarityModel, text: str) -> None:
    assert links(model, text) == [] or text == "123"


def test_chinese_goes_to_the_national_classification_and_latin_to_esco(
    model: SimilarityModel,
) -> None:
    assert all(link.occupation.key.startswith("zh:") for link in links(model, "木匠师傅"))
    assert all(link.occupation.key.startswith("esco:") for link in links(model, "Tischler"))


def test_every_synonym_names_an_occupation_that_exists() -> None:
    labels = {each.label for each in taxonomy().occupations}
    listed = [each for each in taxonomy().occupations if len(each.names) > 1]
    assert {each.label for each in listed} <= labels
    assert sum(len(each.names) - 1 for each in listed if each.key.startswith("zh:")) > 200


def test_a_rare_token_tells_more_than_a_common_one() -> None:
    idf = telling(taxonomy())
    assert idf["砌筑"] > idf["工"]
    assert idf["welder"] > idf["manager"]
