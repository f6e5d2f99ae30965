"""Imported openings with unlawful text wait for review; posted ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from producers import facts, opening_decisions, simulator
from producers.importing.verdicts import Verdict
from roost.errors import Unlawful
from roost.events.opening import Opening, OpeningContent
from tests.unit.producers.import_runs import Imported, Memory, imported_table, run_import

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TODAY = NOW.date()
HEADINGS = (
    "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation.name,"
    "description,skills"
)
UNLAWFUL = "流水线包装，限女性，３５ 歲以下"


def content(description: str, **changes: object) -> OpeningContent:
    made = next(simulator.openings(1))
    return made.model_copy(update={"description": description, "identifier": "1", **changes})


def imported(folder: Path, description: str, memory: Memory | None = None) -> Imported:
    row = {
        "identifier": "1",
        "title": "包装工",
        "hiringOrganization.id": "x",
        "hiringOrganization.name": "某厂",
        "jobLocation.name": "太原市",
        "description": description,
    }
    return imported_table(folder, "openings", HEADINGS, row, memory=memory)


def only(found: Imported) -> Opening:
    (outcome,) = found.outcomes
    return Opening.from_stored(outcome.event())


def test_an_imported_row_with_unlawful_text_is_kept_and_waits_with_its_words(
    tmp_path: Path,
) -> None:
    found = imported(tmp_path, UNLAWFUL)
    (outcome,) = found.outcomes
    assert outcome.verdict is Verdict.DOUBTFUL
    assert [each.field for each in outcome.reasons] == ["description", "description"]
    assert "'限女性'" in outcome.reasons[0].message
    assert "“３５ 歲以下”" in outcome.reasons[1].message_zh
    opening = only(found)
    assert opening.waits_for_approval
    assert not opening.can_be_matched(TODAY)
    assert [(each.criterion, each.words) for each in opening.review or ()] == [
        ("sex", "限女性"),
        ("age", "３５ 歲以下"),
    ]
    for mark in opening.review or ():
        assert opening.description[mark.start : mark.end] == mark.words


def test_a_lawful_row_is_published_at_once_without_a_mark(tmp_path: Path) -> None:
    found = imported(tmp_path, "95后道工序，男女不限")
    assert [each.verdict for each in found.outcomes] == [Verdict.NEW]
    opening = only(found)
    assert opening.review is None
    assert opening.can_be_matched(TODAY)
    assert "review" not in opening.to_dict()


def test_an_approved_row_stays_approved_when_it_is_imported_again(tmp_path: Path) -> None:
    memory = Memory()
    first = only(imported(tmp_path, UNLAWFUL, memory))
    approved, record = opening_decisions.opening_approved(first, at=NOW)
    assert approved.can_be_matched(TODAY)
    memory.facts[record.key] = approved.to_dict()
    again = imported(tmp_path, UNLAWFUL, memory)
    assert [each.verdict for each in again.outcomes] == [Verdict.UNCHANGED]
    changed = imported(tmp_path, f"{UNLAWFUL}，汉族优先", memory)
    assert [each.verdict for each in changed.outcomes] == [Verdict.DOUBTFUL]
    opening = only(changed)
    assert opening.waits_for_approval
    assert {each.words: each.approved for each in opening.review or ()} == {
        "限女性": True,
        "３５ 歲以下": True,
        "汉族优先": False,
    }


def test_a_correction_in_the_file_ends_the_wait(tmp_path: Path) -> None:
    memory = Memory()
    imported(tmp_path, UNLAWFUL, memory)
    corrected = only(imported(tmp_path, "流水线包装，男女不限", memory))
    assert corrected.review is None
    assert corrected.can_be_matched(TODAY)


def test_a_posted_opening_is_refused() -> None:
    with pytest.raises(Unlawful):
        facts.opening_posted(content(UNLAWFUL), at=NOW, today=TODAY)


def test_an_edit_must_remove_the_words_and_ends_the_wait() -> None:
    waiting, _ = facts.opening_posted(content(UNLAWFUL), at=NOW, today=TODAY, for_review=True)
    with pytest.raises(Unlawful) as refused:
        facts.opening_edited(content(UNLAWFUL, title="包装工"), waiting, at=NOW)
    assert [each.span for each in refused.value.fields] == [(6, 9), (10, 16)]
    edited, _ = facts.opening_edited(content("流水线包装"), waiting, at=NOW)
    assert edited.can_be_matched(TODAY)


def test_an_edit_of_an_approved_opening_keeps_its_approval_and_adds_no_other_demand() -> None:
    waiting, _ = facts.opening_posted(content(UNLAWFUL), at=NOW, today=TODAY, for_review=True)
    approved, _ = opening_decisions.opening_approved(waiting, at=NOW)
    edited, _ = facts.opening_edited(content(f"新。{UNLAWFUL}"), approved, at=NOW)
    assert edited.can_be_matched(TODAY)
    with pytest.raises(Unlawful) as refused:
        facts.opening_edited(content(f"{UNLAWFUL}，已婚优先"), approved, at=NOW)
    assert ["已婚优先" in each.message for each in refused.value.fields] == [True]


def test_approving_an_employer_approves_no_text() -> None:
    waiting, _ = facts.opening_posted(content(UNLAWFUL), at=NOW, today=TODAY, for_review=True)
    held, _ = opening_decisions.opening_approval_set(waiting, awaiting=True, at=NOW)
    released, _ = opening_decisions.opening_approval_set(held, awaiting=False, at=NOW)
    assert released.waits_for_approval


def test_the_rows_of_a_json_file_wait_too(tmp_path: Path) -> None:
    path = tmp_path / "openings.jsonl"
    path.write_text(content(UNLAWFUL).to_json().decode() + "\n", "utf-8")
    assert only(run_import(path, "openings")).waits_for_approval
