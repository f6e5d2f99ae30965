from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher.features import linked_occupations
from matcher.linking import Link, Linker, spoken_title, token_idf
from matcher.name_vectors import Meant, names_group
from matcher.similarity import SimilarityModel
from roost.text.taxonomy import Occupation, Taxonomy, taxonomy
from roost.text.tokens import singular_words


def links(model: SimilarityModel, text: str) -> list[Link]:
    return model.links(text)


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
    assert set(linked_occupations([one], model)) & set(linked_occupations([other], model))


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


@pytest.mark.parametrize(
    ("heading_of_a_register", "said"),
    [
        ("Cooks, Fast Food", "Fast Food Cooks"),
        ("Architects, Except Landscape and Naval", "Architects"),
        ("Managers, All Other", "Managers"),
        ("Nurse (night shifts)", "Nurse"),
        ("Accountants, and Auditors", "Accountants, and Auditors"),
        ("Farmers, Ranchers, and Others", "Farmers, Ranchers, and Others"),
        ("(all of it)", "(all of it)"),
        ("焊工, 钳工", "焊工, 钳工"),
        ("", ""),
    ],
)
def test_a_heading_is_rewritten_as_a_spoken_title(heading_of_a_register: str, said: str) -> None:
    assert spoken_title(heading_of_a_register) == said


def test_a_heading_and_its_spoken_title_mean_the_same(model: SimilarityModel) -> None:
    assert links(model, "Cooks, Fast Food") == links(model, "Fast Food Cooks")


@pytest.mark.parametrize("name", ["Hotel managers", "Dentists"])
def test_a_group_is_named_in_the_plural_an_occupation_is_not(name: str) -> None:
    assert names_group(name)
    assert not names_group(singular_words(name))
    assert not names_group("砌筑工")
    assert not names_group("")


KNOWN = Taxonomy(
    (
        Occupation("zh:0", "工", ("工",), ""),
        Occupation("esco:1", "one", ("one", "first"), ""),
        Occupation("esco:2", "two", ("two", "second"), ""),
    )
)


def linker(english: list[list[int]], others: list[list[int]] | None = None) -> Linker:
    """Build a linker with these vectors of the names of both ESCO occupations, in either space."""
    shared = np.array([[1, 1], *(others or english)], np.int8)
    return Linker(KNOWN, shared, np.array(english, np.int8))


HERE = np.array([127, 0], np.int8)


def embed(*, english: bool) -> Callable[[Sequence[str]], list[Meant]]:
    """Return an encoder that gives every text the same vectors."""
    return lambda texts: [Meant(HERE, HERE, is_english=english) for _ in texts]


def test_the_names_of_an_occupation_speak_together() -> None:
    """The best name of esco:1 is nearer, but both names of esco:2 are near."""
    names = [[100, 0], [0, 100], [98, 20], [96, 28]]
    ((found, *_),) = linker(names).links(["asked"], embed(english=True))
    assert found.occupation.key == "esco:2"
    assert found.likeness < 1


def test_a_text_that_is_not_english_is_looked_for_in_the_space_of_all_languages() -> None:
    names = [[100, 0], [100, 0], [0, 100], [0, 100]]
    known = linker(english=names[::-1], others=names)
    (english,) = known.links(["a"], embed(english=True))
    assert [link.occupation.key for link in english] == ["esco:2"]
    (other,) = known.links(["b"], embed(english=False))
    assert [link.occupation.key for link in other] == ["esco:1"]


def test_texts_are_linked_alike_alone_and_together(model: SimilarityModel, artefact: Path) -> None:
    texts = [
        "leading hand shotcreter",
        "喷浆班班长助手",
        "Schweißaufsicht im Stahlbau",
        "welder",
        "😀",
    ]
    texts += [f"deputy {name}" for _, name in taxonomy().names()[-2_000::40]]
    together = model.links_of(texts)
    alone = SimilarityModel.load(artefact)
    for text, found in zip(texts, together, strict=True):
        assert alone.links(text) == found, text
    assert sum(bool(found) for found in together) > 10


def test_each_text_is_embedded_once() -> None:
    asked: list[str] = []

    def counted(texts: Sequence[str]) -> list[Meant]:
        asked.extend(texts)
        return embed(english=True)(texts)

    known = linker([[100, 0], [0, 100], [98, 20], [96, 28]])
    first = known.links(["b", "one", "b", "c"], counted)
    assert asked == ["b", "c"]
    assert known.links(["c", "one", "b"], counted) == [first[3], first[1], first[0]]
    assert asked == ["b", "c"]


def test_every_synonym_names_an_occupation_that_exists() -> None:
    labels = {each.label for each in taxonomy().occupations}
    listed = [each for each in taxonomy().occupations if len(each.names) > 1]
    assert {each.label for each in listed} <= labels
    assert sum(len(each.names) - 1 for each in listed if each.key.startswith("zh:")) > 200


def test_a_rare_token_tells_more_than_a_common_one() -> None:
    idf = token_idf(taxonomy())
    assert idf["砌筑"] > idf["工"]
    assert idf["welder"] > idf["manager"]
