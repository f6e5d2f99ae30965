"""Pages and the service of saved searches in memory, for staff and for the worker."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from roost import ids
from roost.events.account import AccountRole as R
from roost.events.saved_search import SavedSearch
from roost.places.gazetteer import gazetteer
from roost.saved_searches.inverted_searches import fields_of
from roost.text.search_terms import Subject, terms_of_text
from roost.text.tokens import joined
from roost.time.clock import FixedClock
from roost.topics import OPENINGS, SAVED_SEARCHES
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.conversation_views import STATION, ConversationViews

OWN = "/console/me/saved-searches"
AWAY = ids.station_id("away")


class SearchViews(ConversationViews):
    """Views with an opening, and the index stage for saved searches."""

    def __init__(self) -> None:
        super().__init__()
        opening = ids.opening_id("t", "1")
        self.documents[OPENINGS.name, opening] = {
            "id": opening,
            "version": 1,
            "active": True,
            "last_day": NOW.date().toordinal() + 9,
            "places": list(gazetteer().ancestors("cn:140223")),
            "posted_at": NOW.isoformat(),
            "sought": terms_of_text(Subject.TITLE, "缝纫工"),
            "words": joined("缝纫工"),
            "wage_high": 5_000.0,
            "fact": {
                "title": "缝纫工 <b>",
                "hiringOrganization": {"name": "服装厂"},
                "jobLocation": {"name": "广灵县"},
            },
        }

    async def publish(self, records: Any) -> Any:
        made = list(records)
        positions = await super().publish(made)
        for each in made:
            if each.topic is not SAVED_SEARCHES:
                continue
            document = self.documents[SAVED_SEARCHES.name, each.key]
            if each.value is None:
                document |= {"erased": True}
            else:
                document |= fields_of(SavedSearch.from_stored(document["fact"]))
        return positions

    @property
    def searches(self) -> list[SavedSearch]:
        """The searches that are not erased."""
        return [
            SavedSearch.from_stored(document["fact"])
            for (view, _), document in self.documents.items()
            if view == SAVED_SEARCHES.name and not document.get("erased")
        ]


@pytest.fixture
def views() -> SearchViews:
    return SearchViews()


def signed(views: SearchViews, language: str = "zh", **confined: Any) -> Signed:
    role = R.WORKER if "worker_id" in confined else R.CLERK
    return Signed(role, elastic=views, others=views, language=language, **confined)


def at(views: SearchViews, whose: str, language: str = "zh") -> tuple[Signed, str]:
    """Return a browser and the list of a worker's searches in it."""
    worker = views.worker("1")
    if whose == "worker":
        return signed(views, language, worker_id=worker), OWN
    return signed(
        views, language, station_ids=(STATION,)
    ), f"/console/profiles/{worker}/saved-searches"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("whose", ["worker", "clerk"])
async def test_a_search_is_saved_once_changed_paused_and_removed(
    views: SearchViews, whose: str, language: str
) -> None:
    browser, where = at(views, whose, language)
    page = (await browser.get(where)).text
    seed = re.search(r'name="seed" value="([^"]+)"', page)
    assert seed
    typed = {"words": "缝纫", "place": "广灵县", "wage": "4,500", "notice": "digest"}
    wrong = await browser.send(where, seed=seed[1], **typed)
    assert wrong.status_code == 422
    assert 'href="#wage"' in wrong.text
    typed["wage"] = "4500"
    for _ in range(2):
        answer = await browser.send(where, seed=seed[1], **typed)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == f"{where}?done=search_saved"
    [search] = views.searches
    assert (search.place, search.wage, search.notice.value) == ("cn:140223", 4_500.0, "digest")
    page = (await browser.get(where)).text
    item = f"/console/saved-searches/{search.id}"
    assert item in page
    assert {"zh": "关键词：缝纫", "en": "words: 缝纫"}[language] in page

    page = (await browser.get(item)).text
    assert "缝纫工 &lt;b&gt;" in page
    assert 'value="4500"' in page
    empty = await browser.send(item, notice="digest")
    assert empty.status_code == 422
    assert 'href="#words"' in empty.text
    renamed = await browser.send(item, **typed, name="县城")
    assert renamed.status_code == 303, renamed.text
    assert [each.name for each in views.searches] == ["县城"]
    for verb, paused in (("pause", True), ("resume", False)):
        answer = await browser.send(f"{item}/{verb}")
        assert answer.status_code == 303, answer.text
        assert [each.paused for each in views.searches] == [paused]
    answer = await browser.send(f"{item}/remove")
    assert answer.headers["location"] == f"{where}?done=search_removed"
    assert views.searches == []
    assert (await browser.get(item)).status_code == 404


async def test_staff_of_other_stations_and_other_workers_reach_no_search(
    views: SearchViews,
) -> None:
    browser, where = at(views, "clerk")
    await browser.send(where, words="缝纫", notice="at_once")
    [search] = views.searches
    strangers = [
        signed(views, station_ids=(AWAY,)),
        signed(views, worker_id=views.worker("2", place="cn:54")),
    ]
    for stranger in strangers:
        assert (await stranger.get(f"/console/saved-searches/{search.id}")).status_code == 404
        assert (await stranger.get(where)).status_code in {403, 404}
        for verb in ("", "/pause", "/resume", "/remove"):
            answer = await stranger.send(
                f"/console/saved-searches/{search.id}{verb}", words="x", notice="at_once"
            )
            assert answer.status_code == 404
    assert views.searches == [search]


async def test_new_conditions_and_a_resumed_search_count_openings_from_now(
    views: SearchViews,
) -> None:
    clock = FixedClock(NOW)
    browser = signed(views, worker_id=views.worker("1"), clock=clock)
    await browser.send(OWN, words="缝纫", notice="at_once")
    [first] = views.searches
    clock.moment = later = NOW + timedelta(minutes=2)
    item = f"/console/saved-searches/{first.id}"
    await browser.send(item, words="缝纫", notice="digest", name="新名称")
    assert [each.counts_from for each in views.searches] == [first.counts_from]
    await browser.send(f"{item}/pause")
    await browser.send(f"{item}/resume")
    assert [each.counts_from for each in views.searches] == [later]
    clock.moment = latest = later + timedelta(minutes=2)
    await browser.send(item, words="缝纫 锁边", notice="digest")
    assert [each.counts_from for each in views.searches] == [latest]
    assert {each.created_at for each in views.searches} == {first.created_at}
