"""Rows of a roster whose person is known under another number wait for a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from producers import facts
from producers.importing.decision_lines import load_decisions
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer
from producers.importing.outcome_lines import outcome_line
from producers.importing.recognition import FindPeople, IdentityDecision
from producers.importing.verdicts import RowOutcome, Verdict
from producers.mappings.mapping_files import load_mapping
from producers.people_search import FoundPeople, KnownPerson, WantedPerson
from roost.errors import Invalid
from roost.likeness.same_person import Sign
from roost.time.clock import FixedClock
from tests.unit.producers.import_runs import NOW, UTC, WORKER, Imported, Memory, P, table_of

SOURCE = "zh-roster"
SIGNS = (Sign.TELEPHONE, Sign.NAME_AND_HOME)


def number_id(number: str) -> str:
    return facts.referenced_worker(number, SOURCE)


class Register:
    """Stored people, and those who are alike by the id of the wanted one."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.alike: dict[str, FoundPeople] = {}
        self.asked: list[list[str]] = []

    def find(self, wanted: Sequence[WantedPerson]) -> Mapping[str, FoundPeople]:
        self.asked.append([each.id for each in wanted])
        return self.alike

    def run(
        self,
        folder: Path,
        *rows: Mapping[str, str],
        decisions: Mapping[str, IdentityDecision] | None = None,
        find: FindPeople | None = None,
    ) -> Imported:
        path = folder / "roster.csv"
        path.write_text(table_of(f"{P},联系电话", *map(dict, rows)), encoding="utf-8")
        outcomes: list[RowOutcome] = []
        importer = Importer(
            KINDS["profiles"],
            load_mapping("zh_profiles"),
            FixedClock(NOW),
            UTC,
            self.memory,
            self.memory.hold,
            find_people=find or self.find,
            decisions=decisions or {},
        )
        summary = importer.run(path, outcomes.append)
        return Imported(outcomes, summary, self.memory)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    register = Register()
    register.run(tmp_path, WORKER)
    stored = number_id("7")
    register.alike = {
        number_id("B-2"): FoundPeople(people=(KnownPerson(stored, SIGNS, "张三", "7", SOURCE),))
    }
    register.memory.published.clear()
    return register


ALIKE = WORKER | {"编号": "B-2", "技能": "砌筑"}


def test_a_row_of_a_known_person_is_not_imported_and_says_why(
    register: Register, tmp_path: Path
) -> None:
    found = register.run(tmp_path, ALIKE, WORKER | {"编号": "C-3", "姓名": "李四"})
    assert found.verdicts == [Verdict.DOUBTFUL, Verdict.NEW]
    held = found.outcomes[0]
    assert (held.change, held.event(), held.is_left_out) == (None, None, True)
    [reason] = held.reasons
    assert reason.field == "编号"
    assert "same telephone number, same name and home" in reason.message
    assert "电话相同、姓名和家乡相同" in reason.message_zh
    summary = found.summary
    assert (summary.doubtful, summary.undecided, summary.published) == (1, 1, 1)
    assert register.memory.published == [number_id("C-3")]


def test_the_same_person_gets_the_number_and_is_edited(register: Register, tmp_path: Path) -> None:
    decisions = {number_id("B-2"): IdentityDecision(same_as=number_id("7"))}
    found = register.run(tmp_path, ALIKE, decisions=decisions)
    assert found.verdicts == [Verdict.CHANGED]
    fact = register.memory.facts[number_id("7")]
    assert (fact["identifier"], fact["skills"]) == ("7", ["砌筑"])
    assert fact["otherNumbers"] == [{"source": SOURCE, "identifier": "B-2"}]
    assert number_id("B-2") not in register.memory.facts

    register.alike = {number_id("B-2"): FoundPeople(same=number_id("7"))}
    again = register.run(tmp_path, ALIKE)
    assert again.verdicts == [Verdict.UNCHANGED]


def test_a_number_of_another_stored_person_is_not_assigned(
    register: Register, tmp_path: Path
) -> None:
    """It would lead the next import of its owner to the other person."""
    alike, register.alike = register.alike, {}
    register.run(tmp_path, WORKER | {"编号": "B-2", "姓名": "李四"})
    register.memory.published.clear()
    register.alike = alike
    decisions = {number_id("B-2"): IdentityDecision(same_as=number_id("7"))}
    found = register.run(tmp_path, ALIKE, decisions=decisions)
    assert found.verdicts == [Verdict.REJECTED]
    [reason] = found.outcomes[0].reasons
    assert (reason.field, "another stored person" in reason.message) == ("编号", True)
    assert register.memory.published == []
    assert "otherNumbers" not in register.memory.facts[number_id("7")]


def test_another_person_is_registered_and_never_asked_about_again(
    register: Register, tmp_path: Path
) -> None:
    decisions = {number_id("B-2"): IdentityDecision(different_from={number_id("7")})}
    assert register.run(tmp_path, ALIKE, decisions=decisions).verdicts == [Verdict.NEW]
    assert register.run(tmp_path, ALIKE).verdicts == [Verdict.UNCHANGED]


def test_a_decision_does_not_count_for_somebody_who_is_found_later(
    register: Register, tmp_path: Path
) -> None:
    decisions = {number_id("B-2"): IdentityDecision(different_from={number_id("9")})}
    assert register.run(tmp_path, ALIKE, decisions=decisions).verdicts == [Verdict.DOUBTFUL]
    stranger = {number_id("B-2"): IdentityDecision(same_as=number_id("9"))}
    assert register.run(tmp_path, ALIKE, decisions=stranger).verdicts == [Verdict.DOUBTFUL]
    assert register.memory.published == []


def test_people_of_one_roster_are_other_people(register: Register, tmp_path: Path) -> None:
    """The roster gives them two numbers, so the stored one of its rows is no candidate."""
    person = KnownPerson(number_id("7"), (Sign.NAME_AND_HOME,), "张三", "7", SOURCE)
    register.alike = {number_id("B-2"): FoundPeople(people=(person,))}
    assert register.run(tmp_path, WORKER, ALIKE).verdicts == [Verdict.UNCHANGED, Verdict.NEW]


@pytest.mark.parametrize("rows", [(WORKER, ALIKE), (ALIKE, WORKER)])
def test_one_name_and_telephone_under_two_numbers_is_asked_about_in_any_order(
    register: Register, tmp_path: Path, rows: Sequence[Mapping[str, str]]
) -> None:
    found = register.run(tmp_path, *rows)
    assert found.verdicts[rows.index(ALIKE)] is Verdict.DOUBTFUL
    assert number_id("B-2") not in register.memory.facts


TWINS = [WORKER | {"编号": each, "联系电话": "13800138000"} for each in ("A1", "A2")]


def test_a_person_twice_in_one_file_is_asked_about(tmp_path: Path) -> None:
    register = Register()
    found = register.run(tmp_path, *TWINS)
    assert found.verdicts == [Verdict.NEW, Verdict.DOUBTFUL]
    [twin] = found.outcomes[1].people
    assert (twin.id, twin.place) == (number_id("A1"), "2")
    decisions = {number_id("A2"): IdentityDecision(different_from={number_id("A1")})}
    assert register.run(tmp_path, *TWINS, decisions=decisions).verdicts[1] is Verdict.NEW
    assert register.run(tmp_path, *TWINS).verdicts == [Verdict.UNCHANGED] * 2


def test_a_known_number_with_another_name_is_asked_about(
    register: Register, tmp_path: Path
) -> None:
    renamed = WORKER | {"姓名": "李四"}
    found = register.run(tmp_path, renamed)
    assert found.verdicts == [Verdict.DOUBTFUL]
    assert [each.signs for each in found.outcomes[0].people] == [(Sign.OTHER_NAME,)]
    assert register.memory.published == []
    decisions = {number_id("7"): IdentityDecision(same_as=number_id("7"))}
    assert register.run(tmp_path, renamed, decisions=decisions).verdicts == [Verdict.CHANGED]
    assert register.memory.facts[number_id("7")]["name"] == "李四"


@pytest.mark.parametrize("spelling", ["张　三", "張三", "张\u200b三"])
def test_another_spelling_of_the_name_is_no_question(
    register: Register, tmp_path: Path, spelling: str
) -> None:
    found = register.run(tmp_path, WORKER | {"姓名": spelling})
    assert found.verdicts[0] is not Verdict.DOUBTFUL


def test_a_person_who_was_erased_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    register = Register()
    register.alike = {number_id("B-2"): FoundPeople(same=number_id("7"))}
    found = register.run(tmp_path, ALIKE)
    assert found.verdicts == [Verdict.REJECTED]
    assert register.memory.facts == {}


def test_a_chunk_is_searched_for_once(tmp_path: Path) -> None:
    register = Register()
    rows = [WORKER | {"编号": str(each), "姓名": f"人{each}"} for each in range(1, 700)]
    register.run(tmp_path, *rows)
    assert [len(each) for each in register.asked] == [500, 199]


def decided(outcome: RowOutcome, decision: Any) -> str:
    return json.dumps(json.loads(outcome_line(outcome)) | {"decision": decision})


def test_decisions_are_read_from_the_lines_of_a_dry_run(register: Register, tmp_path: Path) -> None:
    [held] = register.run(tmp_path, ALIKE).outcomes
    lines = tmp_path / "decisions.jsonl"
    lines.write_text(f"{outcome_line(held)}\n\n{decided(held, number_id('7'))}\n", encoding="utf-8")
    decisions = load_decisions(lines)
    assert decisions == {number_id("B-2"): IdentityDecision(same_as=number_id("7"))}
    assert register.run(tmp_path, ALIKE, decisions=decisions).verdicts == [Verdict.CHANGED]
    lines.write_text(decided(held, "another"), encoding="utf-8")
    assert load_decisions(lines)[number_id("B-2")].different_from == {number_id("7")}


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "x", "decision": "another"}', "w-x"])
def test_a_line_that_is_no_decision_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_text(f"\n{line}", encoding="utf-8")
    with pytest.raises(Invalid, match="line 2"):
        load_decisions(path)


def test_a_stranger_is_no_decision(register: Register, tmp_path: Path) -> None:
    [held] = register.run(tmp_path, ALIKE).outcomes
    path = tmp_path / "decisions.jsonl"
    path.write_text(decided(held, number_id("9")), encoding="utf-8")
    with pytest.raises(Invalid):
        load_decisions(path)
