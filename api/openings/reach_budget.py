"""Budget of the previews of an opening's reach: by opening and by employer, a day."""

from __future__ import annotations

import orjson

from api.access.principal import Principal
from api.ports.services import Services
from roost.errors import Refused
from roost.events.opening import OpeningContent
from roost.text.references import common_reference
from roost.time.clock import until_next_day_s
from roost.views.elastic import Json


class PreviewsSpent(Refused):
    """The day's previews of an opening or an employer are spent."""

    status = 429
    slug = "previews-spent"
    title = "No more previews today"
    title_zh = "今日预览次数已用完"

    def __init__(self, of: str, of_zh: str, most: int, wait_s: int) -> None:
        super().__init__(
            f"The reach was previewed for {most} different demands of {of} today; post the "
            "opening, or continue tomorrow.",
            f"{of_zh}今日已按 {most} 种不同条件预览人数，请直接发布岗位，或明天再试。",
        )
        self.headers = {"retry-after": str(wait_s)}


def check_reach_budget(
    given: Services, who: Principal, content: OpeningContent, query: Json
) -> None:
    """Count a preview against its opening and its caller. Raises PreviewsSpent.

    Only a query of other demands counts: neither the title nor a repetition reveals anything new.
    """
    owner = who.employer_id or who.counted_as
    opening = f"{owner}\n{common_reference(content.identifier or content.title)}"
    limits = {
        opening: given.settings.reach_previews_per_opening_day,
        owner: given.settings.reach_previews_per_employer_day,
    }
    asked = orjson.dumps(query, option=orjson.OPT_SORT_KEYS).decode()
    spent = given.reach_previews.take(asked, limits, given.today)
    if spent is None:
        return
    words = ("this opening", "该岗位") if spent == opening else ("your openings", "贵单位")
    raise PreviewsSpent(
        *words, limits[spent], until_next_day_s(given.clock.now(), given.settings.zone)
    )
