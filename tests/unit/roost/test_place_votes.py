"""The places of a file decide which place an ambiguous name means."""

from __future__ import annotations

import random

import pytest

from roost.places.gazetteer import gazetteer
from roost.places.place_search import find_place
from roost.places.place_votes import PlaceVotes

CHAOYANG = ("cn:110105", "cn:220104")  # in Beijing and in Changchun
GANNAN = ("cn:230225", "cn:6230")  # the county in Heilongjiang, the prefecture in Gansu


def votes_of(*texts: str) -> PlaceVotes:
    votes = PlaceVotes(gazetteer())
    for text in texts:
        votes.add(find_place(text).key)
    return votes


@pytest.mark.parametrize(
    ("texts", "candidates", "winner"),
    [
        (["长春市南关区"], CHAOYANG, "cn:220104"),
        (["吉林省通化市"], CHAOYANG, "cn:220104"),
        (["北京市海淀区", "北京市"], CHAOYANG, "cn:110105"),
        (["甘肃省兰州市"], GANNAN, "cn:6230"),
        (["合作市", "夏河县"], GANNAN, "cn:6230"),
        (["齐齐哈尔市讷河市"], GANNAN, "cn:230225"),
        ([], CHAOYANG, None),
        (["广东省深圳市"], CHAOYANG, None),
        (["长春市南关区", "北京市海淀区"], CHAOYANG, None),
        (["长春市南关区"] * 3 + ["北京市海淀区"], CHAOYANG, None),
        (["长春市南关区"] * 4 + ["北京市海淀区"], CHAOYANG, "cn:220104"),
        # A row of the same city counts before any number of rows of another one's province.
        (["长春市南关区"] + ["河北省石家庄市"] * 9, CHAOYANG, "cn:220104"),
    ],
)
def test_other_rows_decide_by_a_clear_majority(
    texts: list[str], candidates: tuple[str, ...], winner: str | None
) -> None:
    votes = votes_of(*texts)
    assert votes.winner(candidates) == winner
    assert votes.winner(candidates[::-1]) == winner


def test_a_province_is_too_large_to_decide_between_townships() -> None:
    streets = ("cn:140109003", "cn:130684001")  # 和平街道 in 太原 and in 高碑店
    assert votes_of("山西省大同市").winner(streets) is None
    assert votes_of("山西省太原市").winner(streets) == "cn:140109003"


def test_the_order_of_votes_does_not_matter() -> None:
    texts = ["长春市南关区"] * 5 + ["北京市海淀区"] * 2 + ["太原市小店区"] * 3
    expected = votes_of(*texts)
    for seed in range(5):
        shuffled = random.Random(seed).sample(texts, len(texts))
        assert votes_of(*shuffled).winner(CHAOYANG) == expected.winner(CHAOYANG)
        assert votes_of(*shuffled).home() == expected.home()


@pytest.mark.parametrize(
    ("texts", "home"),
    [
        (["太原市小店区龙城街道"], "cn:140105"),
        (["太原市小店区", "太原市迎泽区"], "cn:1401"),
        (["太原市小店区", "北京市海淀区"], None),
        ([], None),
    ],
)
def test_home_is_the_innermost_county_or_city_of_the_file(
    texts: list[str], home: str | None
) -> None:
    assert votes_of(*texts).home() == home
