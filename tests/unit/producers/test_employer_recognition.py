"""Rows that name a stored employer without its credit code wait for a decision, once per name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from producers.employers_search import KnownEmployer, find_employers
from producers.importing.decision_lines import load_decisions
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer
from producers.importing.outcome_lines import outcome_line
from producers.importing.recognition import IdentityDecision
from producers.importing.verdicts import RowOutcome, Verdict
from producers.mappings.mapping_model import Mapping as MappingFile
from roost.likeness.same_person import comparable_name
from roost.time.clock import FixedClock
from roost.views.answers import Hit, Page
from tests.unit.producers.import_runs import NOW, Imported, Memory, table_of

CODE = "91110000100000000R"
CODED = f"uscc:{CODE}"
KNOWN = KnownEmployer(CODED, "某厂", "太原市")
HEADINGS = "编号,岗位名称,单位名称,统一社会信用代码,单位编号,工作地点"
ROW = {"编号": "1", "岗位名称": "焊工", "单位名称": "某 厂", "工作地点": "太原市"}
EMPLOYER = {
    "from": "单位名称",
    "as": "employer",
    "code": "统一社会信用代码",
    "id": "单位编号",
}
MAPPING = MappingFile.model_validate(
    {
        "source": "fair",
        "fields": {
            "identifier": {"from": "编号"},
            "title": {"from": "岗位名称"},
            "hiringOrganization": EMPLOYER,
            "jobLocation": {"from": "工作地点", "as": "place"},
        },
    }
)


class Directory:
    """Stored employers, and the names that were searched for."""

    def __init__(self, *known: KnownEmployer) -> None:
        self.memory = Memory()
        self.known = known
        self.asked: list[list[str]] = []

    def find(
        self, names: Collection[str], before: datetime
    ) -> Mapping[str, Sequence[KnownEmployer]]:
        assert before == NOW
        self.asked.append(sorted(names))
        found: dict[str, list[KnownEmployer]] = {}
        for each in self.known:
            if comparable_name(each.name) in names:
                found.setdefault(comparable_name(each.name), []).append(each)
        return found

    def run(
        self,
        folder: Path,
        *rows: Mapping[str, str],
        decisions: Mapping[str, IdentityDecision] | None = None,
        remembered: Mapping[str, IdentityDecision] | None = None,
    ) -> Imported:
        path = folder / "fair.csv"
        path.write_text(table_of(HEADINGS, *map(dict, rows)), encoding="utf-8")
        outcomes: list[RowOutcome] = []
        importer = Importer(
            KINDS["openings"],
            MAPPING,
            FixedClock(NOW),
            UTC,
            self.memory,
            self.memory.hold,
            find_employers=self.find,
            decisions=decisions or {},
            remembered=remembered or {},
        )
        summary = importer.run(path, outcomes.append)
        return Imported(outcomes, summary, self.memory)

    def employers(self) -> set[str]:
        return {each["hiringOrganization"]["id"] for each in self.memory.facts.values()}


SAME = {"某厂": IdentityDecision(same_as=CODED)}
ANOTHER = {"某厂": IdentityDecision(different_from={CODED})}


def test_a_name_whose_employer_is_stored_under_its_code_is_a_question(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    found = directory.run(
        tmp_path,
        ROW,
        ROW | {"编号": "2", "单位名称": "某厂"},
        ROW | {"编号": "3", "单位名称": "别的厂"},
    )
    assert found.verdicts == [Verdict.DOUBTFUL, Verdict.DOUBTFUL, Verdict.NEW]
    assert {each.employer for each in found.outcomes[:2]} == {"某厂"}, "one decision for both"
    assert found.outcomes[0].is_left_out
    [reason] = found.outcomes[0].reasons
    assert reason.field == "单位名称"
    assert "stored under another id" in reason.message
    summary = found.summary
    assert (summary.doubtful, summary.undecided, summary.published) == (2, 2, 1)
    assert directory.asked == [sorted(["某厂", "别的厂"])]


def test_a_code_and_an_id_of_the_file_are_never_asked_about(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    coded = ROW | {"统一社会信用代码": CODE}
    found = directory.run(tmp_path, coded, ROW | {"编号": "2", "单位编号": "plant-7"})
    assert Verdict.REJECTED not in found.verdicts
    assert found.summary.undecided == 0
    assert directory.employers() == {CODED, "plant-7"}


def test_the_same_employer_gets_the_rows_and_a_stored_one_keeps_it(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    rows = (ROW, ROW | {"编号": "2", "单位名称": "某厂"})
    assert directory.run(tmp_path, *rows, decisions=SAME).verdicts == [Verdict.NEW, Verdict.NEW]
    assert directory.employers() == {CODED}
    again = directory.run(tmp_path, *rows)
    assert again.verdicts == [Verdict.UNCHANGED, Verdict.UNCHANGED]
    assert len(directory.memory.facts) == 2


def test_another_employer_is_stored_and_not_asked_about_again(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    assert directory.run(tmp_path, ROW, decisions=ANOTHER).verdicts == [Verdict.NEW]
    [other] = directory.employers()
    assert other != CODED
    assert directory.run(tmp_path, ROW).verdicts == [Verdict.UNCHANGED]
    directory.known = (KNOWN, KnownEmployer(other, "某 厂"))
    assert directory.run(tmp_path, ROW | {"编号": "9"}).verdicts == [Verdict.NEW]


def test_a_decision_counts_for_employers_that_the_import_finds(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    for answer in (
        IdentityDecision(same_as="stranger"),
        IdentityDecision(different_from={"stranger"}),
    ):
        found = directory.run(tmp_path, ROW, decisions={"某厂": answer})
        assert found.verdicts == [Verdict.DOUBTFUL]
    assert directory.memory.published == []


def test_a_name_is_searched_for_once_in_a_file(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    directory.run(tmp_path, *(ROW | {"编号": str(each)} for each in range(1_200)))
    assert len(directory.asked) == 1


def test_one_decided_line_of_the_command_line_counts_for_the_name(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    rows = (ROW, ROW | {"编号": "2"})
    line = json.loads(outcome_line(directory.run(tmp_path, *rows).outcomes[0]))
    assert line["employers"] == [{"id": CODED, "name": "某厂", "place": "太原市"}]
    decisions = tmp_path / "decisions.jsonl"
    for decision, id in ((CODED, CODED), ("another", "某-厂")):
        decisions.write_text(json.dumps(line | {"decision": decision}), encoding="utf-8")
        decided = Directory(KNOWN)
        decided.run(tmp_path, *rows, decisions=load_decisions(decisions))
        assert decided.employers() == {id}


class Views:
    """Elasticsearch with one page for every search."""

    def __init__(self) -> None:
        self.searches: list[tuple[str, dict[str, Any]]] = []

    async def msearch(self, searches: Sequence[tuple[str, Any]]) -> list[Page]:
        self.searches += searches
        fact = {"hiringOrganization": {"name": "某厂"}, "jobLocation": {"name": "太原市"}}
        return [Page((Hit("o-1", None, {"employer_id": CODED, "fact": fact}),), 1)] * len(searches)


async def test_the_search_stays_within_reach_and_before_the_import() -> None:
    views, within = Views(), [{"terms": {"places": ["sample:a"]}}]
    assert await find_employers(views, {"某厂"}, within, before=NOW) == {"某厂": (KNOWN,)}
    [(view, search)] = views.searches
    filters = search["query"]["bool"]["filter"]
    assert view == "openings"
    assert within[0] in filters
    assert {"term": {"employer_name": "某厂"}} in filters
    assert {"range": {"created_at": {"lt": NOW.isoformat()}}} in filters
    assert await find_employers(views, {"某厂"}, None, before=NOW) == {}
    assert len(views.searches) == 1


def test_a_former_decision_counts_for_new_references_without_a_search(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    new = (ROW | {"编号": "21"}, ROW | {"编号": "22"})
    found = directory.run(tmp_path, *new, remembered=SAME)
    assert found.verdicts == [Verdict.NEW, Verdict.NEW]
    assert directory.employers() == {CODED}
    assert directory.asked == [], "the name is not searched for again"
    [notice] = [each for each in found.summary.notices if CODED in each.en]
    assert "(2 rows)" in notice.en


def test_a_stored_opening_keeps_its_employer_whatever_was_decided(tmp_path: Path) -> None:
    directory = Directory()
    directory.run(tmp_path, ROW)
    [before] = directory.employers()
    found = directory.run(tmp_path, ROW, ROW | {"编号": "2"}, remembered=SAME)
    assert found.verdicts == [Verdict.UNCHANGED, Verdict.DOUBTFUL], "one name has two ids now"
    assert found.outcomes[1].change is Verdict.NEW
    assert directory.employers() == {before, CODED}


def test_a_decision_of_the_file_comes_before_a_former_one(tmp_path: Path) -> None:
    directory = Directory(KNOWN, KnownEmployer("plant-7", "某厂"))
    other = {"某厂": IdentityDecision(same_as="plant-7")}
    directory.run(tmp_path, ROW, decisions=other, remembered=SAME)
    assert directory.employers() == {"plant-7"}


def test_employers_who_were_ruled_out_are_not_asked_about_again(tmp_path: Path) -> None:
    directory = Directory(KNOWN)
    assert directory.run(tmp_path, ROW, remembered=ANOTHER).verdicts == [Verdict.NEW]
    directory.known = (KNOWN, KnownEmployer("plant-7", "某厂"))
    found = directory.run(tmp_path, ROW | {"编号": "9"}, remembered=ANOTHER)
    assert [each.id for each in found.outcomes[0].employers] == ["plant-7"]
