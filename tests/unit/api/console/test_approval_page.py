"""The page of an opening that waits for approval, as a clerk opens and approves it."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest

from producers import facts, opening_decisions
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningContent
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.test_posting_rules import Views, document_of
from tests.unit.api.two_stations import HERE, MINE, Log, opening


class Shown(Views):
    """Views that also answer the counts of the page: there are no matches."""

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        return [{} for _ in questions]

    async def aggregate(self, view: str, query: Json, aggregations: Json) -> tuple[int, Json]:
        return 0, {name: {"buckets": []} for name in aggregations}


class Office:
    """Browser of a clerk, and an opening of a new employer at version 7."""

    def __init__(self, language: str = "en", description: str = "") -> None:
        self.log = Log()
        self.views = Shown(self.log)
        organisation = {"id": "new", "name": "示例单位"}
        content = OpeningContent.model_validate(
            opening(HERE, hiringOrganization=organisation, description=description)
        )
        made, _ = facts.opening_posted(content, at=NOW, today=NOW.date(), for_review=True)
        self.stored, record = opening_decisions.opening_approval_set(made, awaiting=True, at=NOW)
        self.path = f"/console/employer/openings/{record.key}"
        self._show(record, 7)
        self.browser = Signed(
            AccountRole.CLERK,
            elastic=self.views,
            others=self.log,
            language=language,
            station_ids=(MINE,),
        )

    def edit(self) -> None:
        """Let the employer replace the text while the clerk reads it."""
        changed = self.stored.model_copy(update={"title": "别的岗位"})
        record = opening_decisions.opening_approval_set(changed, awaiting=True, at=NOW)[1]
        self._show(record, 8)

    def _show(self, record: Record, version: int) -> None:
        document = document_of(record, version) | {"places": [HERE.key]}
        self.views.documents["openings", record.key] = document


@pytest.mark.parametrize("description", ["", "限女性"])
async def test_the_page_approves_the_version_that_it_shows(description: str) -> None:
    office = Office(description=description)
    page = await office.browser.get(office.path)
    assert page.status_code == 200, page.text[-3000:]
    form = re.search(r'action="[^"]+/approve".*?</form>', page.text, re.DOTALL)
    assert form is not None
    assert 'name="version" value="7"' in form[0]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "so it was not approved"), ("zh", "尚未审核通过")]
)
async def test_a_text_that_was_exchanged_meanwhile_is_not_approved(
    language: str, said: str
) -> None:
    office = Office(language)
    office.edit()
    answer = await office.browser.send(f"{office.path}/approve", version="7")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{office.path}?done=changed")
    assert office.log.records == []
    page = await office.browser.get(office.path, done="changed")
    assert said in html.unescape(page.text)
    answer = await office.browser.send(f"{office.path}/approve", version="8")
    assert answer.headers["location"] == f"{office.path}?done=approved"
    (record,) = office.log.records
    assert not Opening.from_stored(orjson.loads(record.value or b"")).awaiting_approval
