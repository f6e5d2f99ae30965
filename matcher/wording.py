"""A part of a score in words, English and Chinese; none reveals a registered household."""

from __future__ import annotations

from collections.abc import Callable

from matcher import skills, wages
from matcher.eligibility import near_home, shared_level
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.likeness import BEST, near_requirements, nearest_skills
from matcher.parts import Parts, shifts_liked
from matcher.wages import Words
from roost.constraints.needs import COMMUTE_KM
from roost.text.skill_names import one_name
from roost.text.taxonomy import groups, labels
from roost.text.tokens import shared_words

SHARED = {
    "township": ("same township", "同一乡镇"),
    "county": ("same county", "同一区县"),
    "city": ("same city", "同城"),
    "province": ("same province", "同省"),
    "country": ("same country", "同在国内"),
}
FROM_TEXT = ("from the description", "（据岗位说明）")
"""Mark of what only the text of an opening states."""
SAME = 0.95
"""Fit from which an opening counts as the work that the person wants."""
LIKENESS: tuple[tuple[float, Words], ...] = (
    (SAME, ("Matches the work wanted ({})", "与求职意向（{}）一致")),
    (0.7, ("Close to the work wanted ({})", "与求职意向（{}）相近")),
    (0.4, ("Partly like the work wanted ({})", "与求职意向（{}）部分相近")),
    (0.0, ("Unlike the work wanted ({})", "与求职意向（{}）差别较大")),
)
"""Words for the fit of the occupation, from a least fit on; the points give the number."""
SAME_PLACE_KM = 0.5
Say = Callable[[Parts, OpeningFeatures, WorkerFeatures], Words]


def words_for(part: str, parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    """Return the words for a part, (English, Chinese). Raises KeyError for an unknown part."""
    return _SAY[part](parts, opening, worker)


def _occupation(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    if not worker.wanted_words:
        english, chinese = _by_skills(opening, worker)
        return f"No desired occupation stated{english}", f"未填求职意向{chinese}"
    wanted = "/".join(worker.wanted_words)
    level = next(words for least, words in LIKENESS if parts.fit >= least)
    english, chinese = level[0].format(wanted), level[1].format(wanted)
    words = _words_met(opening, worker)
    if words and parts.fit < SAME:
        english += f"; words in common: {', '.join(words)}"
        chinese += f"；相同词语：{'、'.join(words)}"
    if both := _occupations_met(opening, worker):
        english += f"; close occupation: {', '.join(both)}"
        chinese += f"；相近职业：{'、'.join(both)}"
    return english, chinese


def _by_skills(opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    """Return the skills that are nearest to the opening, and what its text states near them."""
    named = "/".join(nearest_skills(opening, worker, BEST))
    if not named:
        return "", ""
    english, chinese = f", judged by skills ({named})", f"，按技能（{named}）判断"
    pairs = near_requirements(opening, worker)
    read = "/".join(asked for asked, _ in pairs if asked in opening.read_skills)
    if not read:
        return english, chinese
    return f"{english}; {FROM_TEXT[0]}: {read}", f"{chinese}；{FROM_TEXT[1]}：{read}"


def _occupations_met(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Return the labels of occupations that both sides mean and a person would call the same.

    A general title, such as 普工, is linked to many occupations. Those whose label shares no word
    with the title are left out, and so are names that the reason states already.
    """
    theirs = {*worker.occupations, *worker.abilities}
    known = labels()
    found = [known[key] for key in opening.occupations if key in theirs and key in known]
    stated = {opening.title_words, *worker.wanted_words}
    return [
        each
        for each in found
        if each not in stated
        and any(len(word) > 1 for word in shared_words(each, set(opening.title)))
    ]


def _words_met(opening: OpeningFeatures, worker: WorkerFeatures) -> list[str]:
    """Return the words that the title shares with its nearest wanted occupation."""

    def alike(at: int) -> float:
        wanted = worker.wanted[at]
        return sum(weight * opening.title.get(token, 0) for token, weight in wanted.items())

    nearest = max(range(len(worker.wanted)), key=alike)
    return shared_words(opening.title_words, worker.wanted[nearest])


def _skills(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    requested = [*opening.skills, *opening.preferred_skills]
    missing = skills.lacking(opening, worker)
    met = [skill for skill in requested if skill not in missing]
    read = skills.read_met(opening, worker)
    if not requested:
        return f"Skills {FROM_TEXT[0]}: {', '.join(read)}", f"技能{FROM_TEXT[1]}：{'、'.join(read)}"
    english = f"{len(met)} of {len(requested)} skills" + (f": {', '.join(met)}" if met else "")
    chinese = f"技能符合 {len(met)}/{len(requested)}" + (f"：{'、'.join(met)}" if met else "")
    if read:
        english += f"; {FROM_TEXT[0]}: {', '.join(read)}"
        chinese += f"；{FROM_TEXT[1]}：{'、'.join(read)}"
    near = near_requirements(opening, worker) if missing else []
    if near := [pair for pair in near if pair[0] in missing]:
        english += f"; near: {', '.join(f'{asked} ({own})' for asked, own in near)}"
        chinese += f"；相近：{'、'.join(f'{asked}（{own}）' for asked, own in near)}"
    if missing:
        english += f"; missing: {', '.join(missing)}"
        chinese += f"；缺少：{'、'.join(missing)}"
    return english, chinese


def _wage(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    return wages.against(opening, worker)


def _distance(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    english, chinese = [], []
    shared = SHARED.get(shared_level(opening, worker))
    measured = opening.measured and worker.measured
    if parts.away_km is not None and parts.away_km < SAME_PLACE_KM and (measured or not shared):
        shared = ("same place", "同一地点")
    elif parts.away_km is not None and parts.away_km >= SAME_PLACE_KM:
        about = ("", "") if measured else ("about ", "约")
        english.append(f"{about[0]}{parts.away_km:.0f} km from where they live")
        chinese.append(f"距现居住地{about[1]} {parts.away_km:.0f} 公里")
    if shared:
        english.append(shared[0])
        chinese.append(shared[1])
    if near_home(opening, worker):
        english.append("near home")
        chinese.append("家门口就业")
    if not english:
        return "The distance is not known", "距离未知"
    text = ", ".join(english)
    return text[0].upper() + text[1:], "，".join(chinese)


def _comfort(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    commutes = parts.away_km is not None and parts.away_km <= COMMUTE_KM
    lodging = (
        ("lodging", "提供住宿")
        if opening.lodging
        else ("near enough to commute", "可通勤")
        if commutes
        else (f"lodging ({FROM_TEXT[0]})", f"提供住宿{FROM_TEXT[1]}")
        if opening.read_lodging
        else ("no lodging", "未提供住宿")
    )
    meals = (
        ("meals", "提供伙食")
        if opening.meals
        else (f"meals ({FROM_TEXT[0]})", f"提供伙食{FROM_TEXT[1]}")
        if opening.read_meals
        else ("no meals", "未提供伙食")
    )
    circumstances = [lodging, meals]
    if worker.shifts:
        liked = shifts_liked(opening, worker)
        suit = {
            1.0: ("shifts as wished", "班次合意"),
            0.5: ("shifts to be confirmed", "班次待确认"),
        }
        some = ("some shifts as wished", "部分班次合意")
        if opening.read_shifts and not opening.shifts:
            said = ("shifts", "班次合意") if liked > 0.5 else ("other shifts", "班次不合意")
            circumstances.append((f"{said[0]} ({FROM_TEXT[0]})", said[1] + FROM_TEXT[1]))
        else:
            fits = not opening.shifts or liked == 1.0
            circumstances.append(suit.get(liked, some) if fits else some)
    if opening.language and worker.languages and opening.language not in worker.languages:
        circumstances.append(("posted in another language", "招聘语言不同"))
    text = ", ".join(each[0] for each in circumstances)
    return text[0].upper() + text[1:], "，".join(each[1] for each in circumstances)


def _experience(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    if not opening.experience and opening.read_experience:
        years = f"{opening.read_experience:g}"
        return (
            f"{worker.experience:g} years of experience; {years} required ({FROM_TEXT[0]})",
            f"工作经验 {worker.experience:g} 年，要求 {years} 年{FROM_TEXT[1]}",
        )
    if not opening.experience:
        return (
            f"{worker.experience:g} years of experience; none required",
            f"工作经验 {worker.experience:g} 年，岗位无要求",
        )
    return (
        f"{worker.experience:g} years of experience; {opening.experience:g} required",
        f"工作经验 {worker.experience:g} 年，要求 {opening.experience:g} 年",
    )


def _education(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    if not opening.education and opening.read_education:
        met = worker.education >= opening.read_education
        return (
            f"Education {'as' if met else 'below the level'} required ({FROM_TEXT[0]})",
            f"学历{'符合' if met else '低于'}要求{FROM_TEXT[1]}",
        )
    if not opening.education:
        return "No education required", "学历无要求"
    if worker.education >= opening.education:
        return "Education as required", "学历符合要求"
    return "Education below the requirement", "学历低于要求"


def _priority(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    return "Priority for work near home, as consented", "就近就业优先（已征得本人同意）"


def _precedents(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    assert parts.precedent is not None
    placed, named = parts.precedent.placed, _item_name(parts.precedent.skill, worker)
    return (
        f"{placed} or more people with such skills ({named}) were placed in such work",
        f"已有 {placed} 名以上技能相近（{named}）的人在此类岗位就业",
    )


def _item_name(item: str, worker: WorkerFeatures) -> str:
    """Return the worker's own name of a skill, or the occupation of a group that a skill names."""
    known, of_group = labels(), groups()
    skills = (skill for skill in worker.skills if one_name(skill) == item)
    named = (known[key] for key in worker.abilities if of_group.get(key) == item)
    return next(iter((*skills, *named)))


_SAY: dict[str, Say] = {
    "occupation": _occupation,
    "skills": _skills,
    "wage": _wage,
    "distance": _distance,
    "comfort": _comfort,
    "experience": _experience,
    "education": _education,
    "precedents": _precedents,
    "priority": _priority,
}
