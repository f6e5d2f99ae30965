from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from matcher import queries
from matcher.features import OpeningFeatures, WorkerFeatures, skill_texts, worker_texts
from matcher.likeness import (
    BEST,
    likeness_of,
    likenesses,
    near_requirements,
    nearest_skills,
)
from matcher.parts import NEUTRAL_FIT, parts_of
from matcher.ranking import evaluate, rank
from matcher.word_weights import skill_weight
from tests.unit.matcher.builders import TODAY, Builder, profile

UNRELATED = [
    "会计核算",
    "财务报表",
    "税务申报",
    "插花",
    "客户沟通",
    "英语口语",
    "绘本阅读",
    "舞蹈编排",
]


def test_a_pair_is_as_alike_alone_as_among_others(
    workers: Sequence[WorkerFeatures], openings: Sequence[OpeningFeatures], make: Builder
) -> None:
    people = [*workers[:40], make.worker(occupationsWanted=[], skills=UNRELATED)]
    work = openings[:20]
    for opening in work[:5]:
        among = likenesses(opening, people)
        assert among == [likeness_of(opening, worker) for worker in people]
    for worker in people[-3:]:
        assert likenesses(worker, work) == [likeness_of(opening, worker) for opening in work]


@pytest.mark.parametrize("nothing", ["★", "～～", "..."])
def test_texts_without_a_letter_are_like_nothing_and_harm_no_other_pair(
    make: Builder, nothing: str
) -> None:
    mason = make.worker(occupationsWanted=[], skills=["砌墙", "砌砖"])
    starred = make.worker(occupationsWanted=[], skills=[nothing])
    wishing = make.worker(occupationsWanted=["砌筑工"], skills=[nothing])
    work = make.opening(title="砌筑工", skills=[])
    odd = make.opening(title=nothing, skills=[])
    assert likenesses(work, [starred, mason]) == [(0.0, 0.0, 0.0), likeness_of(work, mason)]
    assert likenesses(mason, [odd, work]) == [(0.0, 0.0, 0.0), likeness_of(work, mason)]
    assert likeness_of(odd, mason) == likeness_of(work, starred) == (0.0, 0.0, 0.0)
    assert [each.candidate.id for each in rank(work, [wishing, mason], TODAY, 2, 0.0)] != []
    assert nearest_skills(odd, mason, 2) == ["砌墙", "砌砖"]


def test_unrelated_skills_leave_the_best_ones_their_weight(make: Builder) -> None:
    mason = ["砌墙", "砌砖", "抹灰", "贴瓷砖", "砌筑工艺"]
    title = make.opening(title="砌筑工", skills=[])
    alone = likeness_of(title, make.worker(occupationsWanted=[], skills=mason)).skills
    among = likeness_of(title, make.worker(occupationsWanted=[], skills=[*UNRELATED, *mason]))
    strange = likeness_of(title, make.worker(occupationsWanted=[], skills=UNRELATED)).skills
    assert len(mason) == BEST
    assert among.skills > 0.8 * alone
    assert among.skills > 1.5 * strange


def test_people_without_wishes_are_ranked_by_their_skills(make: Builder) -> None:
    worker = make.worker(occupationsWanted=[], skills=[*UNRELATED, "砌墙", "砌砖", "抹灰"])
    titles = ("收银员", "砌筑工", "叉车司机", "美发师")
    openings = [
        make.opening(title=title, skills=[]).__class__.unpacked(
            make.opening(title=title, skills=[]).packed()
        )
        for title in titles
    ]
    best = rank(worker, openings, TODAY, 4, 0.0)[0].candidate
    assert best.title_words == "砌筑工"


def test_the_reason_names_the_nearest_skills(make: Builder) -> None:
    worker = make.worker(occupationsWanted=[], skills=[*UNRELATED, "砌墙", "砌砖", "砌 砖"])
    opening = make.opening(title="砌筑工", skills=[])
    assert set(nearest_skills(opening, worker, 2)) == {"砌墙", "砌砖"}
    (said,) = [
        each for each in evaluate(opening, worker, TODAY).reasons if each.part == "occupation"
    ]
    assert "砌墙" in said.zh
    assert said.zh.count("/") == BEST - 1


def test_a_summary_counts_by_clause_and_never_below_a_new_profile(make: Builder) -> None:
    told = profile(occupationsWanted=[], skills=[], summary="会砌墙、抹灰；2年工地经验。")
    assert skill_texts(told) == ["会砌墙", "抹灰", "2年工地经验"]
    worker = make.of_worker(told)
    mason, nurse = make.opening(title="砌筑工", skills=[]), make.opening(title="护士", skills=[])
    assert parts_of(mason, worker, likeness_of(mason, worker)).fit > NEUTRAL_FIT
    assert parts_of(nurse, worker, likeness_of(nurse, worker)).fit == pytest.approx(NEUTRAL_FIT)


def test_wishes_decide_where_there_are_some(make: Builder) -> None:
    worker = make.worker(occupationsWanted=["收银员"], skills=["砌墙", "砌砖"])
    cashier = make.opening(title="收银员", skills=[])
    mason = make.opening(title="砌筑工", skills=[])
    fits = [parts_of(each, worker, likeness_of(each, worker)).fit for each in (cashier, mason)]
    assert fits[0] > fits[1]


def test_protected_attributes_are_no_skills() -> None:
    told = profile(occupationsWanted=["女收银员"], skills=["汉族", "砌墙"], summary="")
    assert worker_texts(told) == ["收银员", "砌墙"]


def test_only_people_without_wishes_are_searched_by_each_skill(make: Builder) -> None:
    skilled = make.worker(occupationsWanted=[], skills=UNRELATED)
    assert nearest_searched(queries.openings_for(skilled, TODAY, 60)) == [100] + [8] * len(
        UNRELATED
    )
    wishing = make.worker(occupationsWanted=["收银员", "砌筑工"], skills=UNRELATED)
    assert nearest_searched(queries.openings_for(wishing, TODAY, 60)) == [100] * 3


def nearest_searched(clause: Any) -> list[int]:
    """Return the number of neighbours of each vector that a search asks for."""
    if isinstance(clause, list):
        return [count for each in clause for count in nearest_searched(each)]
    if not isinstance(clause, dict):
        return []
    if "knn" in clause:
        return [clause["knn"]["k"]]
    return [count for each in clause.values() for count in nearest_searched(each)]


def test_a_skill_that_any_work_asks_for_counts_less(make: Builder) -> None:
    assert skill_weight("沟通能力") < 0.5 * skill_weight("砌墙")
    assert skill_weight("Excel") < 0.6 * skill_weight("forklift driving")
    assert skill_weight("★") == 0
    clerk = make.worker(
        occupationsWanted=[], skills=["沟通能力", "责任心", "办公软件", "砌墙", "抹灰"]
    )
    mason = make.opening(title="砌筑工", skills=[])
    service = make.opening(title="客户服务管理员", skills=[])
    assert likeness_of(mason, clerk).skills > likeness_of(service, clerk).skills
    assert nearest_skills(service, clerk, 5)[0] in {"砌墙", "抹灰", "沟通能力"}


def test_each_wish_is_compared_alone(make: Builder) -> None:
    cashier = make.opening(title="收银员", skills=[])
    one = make.worker(occupationsWanted=["收银员"], skills=[])
    two = make.worker(occupationsWanted=["收银员", "砌筑工"], skills=[])
    assert likeness_of(cashier, two).wishes == likeness_of(cashier, one).wishes > 0.9


def test_an_openings_skills_are_compared_where_its_title_says_nothing(make: Builder) -> None:
    worker = make.worker(occupationsWanted=[], skills=["砌墙", "抹灰", "贴瓷砖"])
    bare = make.opening(title="普工", skills=[])
    stated = make.opening(title="普工", skills=["砌筑", "墙面抹灰"])
    told = make.opening(title="普工", skills=[], description="负责墙面抹灰；砌筑隔墙。")
    fits = [likeness_of(each, worker).skills for each in (bare, told, stated)]
    assert fits == sorted(fits)
    assert fits[0] < fits[1]
    assert likeness_of(stated, worker).asked > 0.5 > likeness_of(bare, worker).asked == 0


def test_a_near_skill_counts_in_part_and_is_named(make: Builder) -> None:
    opening = make.opening(title="砌筑工", skills=["墙面抹灰"])
    worker = make.worker(occupationsWanted=["砌筑工"], skills=["墙壁抹灰工艺"])
    parts = parts_of(opening, worker, likeness_of(opening, worker))
    assert parts.skills is not None
    assert 0 < parts.skills < 1
    assert near_requirements(opening, worker) == [("墙面抹灰", "墙壁抹灰工艺")]
    (said,) = [each for each in evaluate(opening, worker, TODAY).reasons if each.part == "skills"]
    assert "相近：墙面抹灰（墙壁抹灰工艺）" in said.zh


def test_a_reason_marks_what_only_the_text_states(make: Builder) -> None:
    opening = make.opening(title="普工", skills=[], description="墙面抹灰；砌筑隔墙。")
    worker = make.worker(occupationsWanted=[], skills=["墙面抹灰"])
    (said,) = [
        each for each in evaluate(opening, worker, TODAY).reasons if each.part == "occupation"
    ]
    assert "（据岗位说明）：墙面抹灰" in said.zh
    assert "from the description: 墙面抹灰" in said.en
