"""The parts of a score in words and numbers; the points add up to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher import skills
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.events.match import Reason

if TYPE_CHECKING:
    from matcher.ranking import Parts


def of(parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures) -> tuple[Reason, ...]:
    """The parts that added points, the greatest first."""
    shares = _shares(parts)
    total = sum(shares.values())
    scale = parts.mutual / total if total else 0.0
    points = {part: round(share * scale, 1) for part, share in shares.items()}
    if boost := parts.boosted:
        points["priority"] = round(boost, 1)
    largest = max(points, key=lambda part: points[part])
    points[largest] = round(points[largest] + parts.score - sum(points.values()), 1)
    told = [
        Reason(part=part, points=each, en=words[0], zh=words[1])
        for part, each in points.items()
        if each > 0 and (words := _words(part, parts, opening, worker))
    ]
    return tuple(sorted(told, key=lambda reason: (-reason.points, reason.part)))


def _shares(parts: Parts) -> dict[str, float]:
    """What each part gave to both sides; their sum is the sum of the sides."""
    shares = {
        "occupation": 0.5 * parts.fit,
        "wage": parts.fit * 0.2 * parts.wage,
        "distance": parts.fit * 0.2 * parts.nearness,
        "comfort": parts.fit * 0.1 * parts.comfort,
        "experience": parts.match * 0.2 * parts.experience,
        "education": parts.match * 0.2 * parts.education,
    }
    if parts.skills is None:
        shares["occupation"] += 0.6 * parts.fit
    else:
        shares["occupation"] += 0.6 * 0.4 * parts.fit
        shares["skills"] = 0.6 * 0.6 * parts.skills
    return shares


def _words(
    part: str, parts: Parts, opening: OpeningFeatures, worker: WorkerFeatures
) -> tuple[str, str]:
    match part:
        case "occupation":
            wanted = "/".join(worker.wanted_words) or "/".join(worker.skills)
            percent = round(100 * parts.fit)
            return (
                f"{opening.title_words}: {percent}% like what they want ({wanted or 'open'})",
                f"岗位“{opening.title_words}”与求职意向（{wanted or '不限'}）相符 {percent}%",
            )
        case "skills":
            return _skill_words(opening, worker)
        case "wage":
            return _wage_words(opening, worker)
        case "distance":
            if parts.away_km is None:
                return "The distance is not known", "距离未知"
            away = f"{parts.away_km:.0f}"
            return f"{away} km from where they live", f"距现居住地 {away} 公里"
        case "comfort":
            has = [
                name
                for name, given in (("lodging", opening.lodging), ("meals", opening.meals))
                if given
            ]
            chinese = {"lodging": "住宿", "meals": "工作餐"}
            return f"Offers {' and '.join(has)}", f"提供{'、'.join(chinese[name] for name in has)}"
        case "experience":
            return (
                f"{worker.experience:g} years of experience; {opening.experience:g} asked for",
                f"工作经验 {worker.experience:g} 年，要求 {opening.experience:g} 年",
            )
        case "education":
            enough = worker.education >= opening.education
            return (
                "Education as asked for" if enough else "Education below what is asked for",
                "学历符合要求" if enough else "学历低于要求",
            )
        case "priority":
            return "Priority for work near home, as consented", "就近就业优先（已征得本人同意）"
    raise ValueError(f"no words for {part}")


def _skill_words(opening: OpeningFeatures, worker: WorkerFeatures) -> tuple[str, str]:
    asked = [*opening.skills, *opening.preferred_skills]
    met = [skill for skill in asked if skills.has(worker, skill)]
    missing = [skill for skill in asked if skill not in met]
    english = f"{len(met)} of {len(asked)} skills: {', '.join(met)}"
    chinese = f"技能符合 {len(met)}/{len(asked)}：{'、'.join(met)}"
    if missing:
        english += f"; missing: {', '.join(missing)}"
        chinese += f"；缺少：{'、'.join(missing)}"
    return english, chinese


def _wage_words(opening: OpeningFeatures, worker: WorkerFeatures) -> tuple[str, str]:
    if opening.wage_low is None or opening.wage_high is None:
        return "The wage is to be agreed", "工资面议"
    low, high = opening.wage_low, opening.wage_high
    offered = f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f}–{high:,.0f}"
    english = f"Offers {opening.currency} {offered} a month"
    chinese = f"月工资约 {offered} {opening.currency}"
    if worker.wage_floor:
        english += f"; wish {worker.wage_floor:,.0f}"
        chinese += f"，期望 {worker.wage_floor:,.0f}"
    return english, chinese
