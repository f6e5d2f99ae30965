"""Ambiguous places of a file: the station and the other rows decide, or a person is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS
from producers.importing.importer import CHUNK, Importer
from producers.importing.verdicts import RowOutcome
from producers.mappings.direct_mapping import direct_mapping
from roost.time.clock import FixedClock
from tests.unit.producers.import_runs import (
    NOW,
    OPENING,
    WORKER,
    Imported,
    Memory,
    P,
    imported_table,
    table_of,
)

CHANGCHUN, BEIJING = "cn:220104", "cn:110105"
HEADINGS = "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation"


def opening(number: int, place: str) -> dict[str, str]:
    return OPENING | {"identifier": str(number), "jobLocation": place}


def imported(
    path: Path, rows: list[dict[str, str]], evidence: PlaceEvidence, *, dry: bool = False
) -> Imported:
    path.write_text(table_of(HEADINGS, *rows), encoding="utf-8")
    kind, memory = KINDS["openings"], Memory()
    outcomes: list[RowOutcome] = []
    importer = Importer(
        kind,
        direct_mapping(kind.content, "test"),
        FixedClock(NOW),
        ZoneInfo("UTC"),
        None if dry else memory,
        memory.hold,
        places=evidence,
    )
    return Imported(outcomes, importer.run(path, outcomes.append), memory)


def keys(found: Imported) -> list[str | None]:
    places = [event and event["jobLocation"] for event in (each.event() for each in found.outcomes)]
    return [place and f"{place['scheme']}:{place['code']}" for place in places]


@pytest.mark.parametrize(
    ("others", "near", "key"),
    [
        (["长春市南关区"], (), CHANGCHUN),
        (["北京市海淀区"], (), BEIJING),
        ([], ("cn:2201",), CHANGCHUN),
        (["太原市小店区"], ("cn:220102",), CHANGCHUN),
        (["长春市南关区"], ("cn:1402",), CHANGCHUN),
        # Without evidence, with rows in both cities, or against the station's: asked.
        (["太原市小店区"], (), None),
        (["长春市南关区", "北京市海淀区"], (), None),
        (["长春市南关区"], ("cn:1101",), None),
    ],
)
def test_an_ambiguous_place_lies_near_the_station_or_the_other_rows(
    tmp_path: Path, others: list[str], near: tuple[str, ...], key: str | None
) -> None:
    rows = [opening(n, place) for n, place in enumerate(["朝阳区", *others])]
    found = imported(tmp_path / "t.csv", rows, PlaceEvidence(near))
    assert keys(found)[0] == key
    if key is None:
        [reason] = found.outcomes[0].reasons
        assert reason.field == "jobLocation"
        assert "北京市朝阳区" in reason.message_zh
        assert "吉林省长春市朝阳区" in reason.message_zh
        [question] = found.summary.questions
        assert (question.text, question.rows) == ("朝阳区", 1)
        assert set(question.candidates) >= {CHANGCHUN, BEIJING}
    else:
        assert not found.summary.questions
        [notice] = found.summary.notices
        assert "“朝阳区”（1 处）" in notice.zh


def test_the_text_stays_as_written(tmp_path: Path) -> None:
    rows = [opening(1, "朝阳区人民大街8号"), opening(2, "长春市")]
    [first, _] = imported(tmp_path / "t.csv", rows, PlaceEvidence()).facts
    assert first["jobLocation"]["name"] == "朝阳区人民大街8号"
    assert first["jobLocation"]["code"] == "220104"


def test_an_answer_comes_before_the_evidence(tmp_path: Path) -> None:
    rows = [opening(1, "朝阳区"), opening(2, "长春市南关区")]
    evidence = PlaceEvidence(("cn:2201",), {"朝阳区": BEIJING})
    found = imported(tmp_path / "t.csv", rows, evidence)
    assert keys(found)[0] == BEIJING
    assert not found.summary.notices


def test_an_unknown_answer_is_ignored(tmp_path: Path) -> None:
    evidence = PlaceEvidence((), {"朝阳区": "cn:999999"})
    assert keys(imported(tmp_path / "t.csv", [opening(1, "朝阳区")], evidence)) == [None]


def test_several_places_in_one_cell_are_never_decided(tmp_path: Path) -> None:
    rows = [opening(1, "北京、上海"), opening(2, "江浙沪"), opening(3, "北京市海淀区")]
    found = imported(tmp_path / "t.csv", rows, PlaceEvidence(("cn:1101",)))
    assert keys(found) == [None, None, "cn:110108"]


def test_a_well_known_bare_name_is_the_city_whatever_the_evidence(tmp_path: Path) -> None:
    rows = [opening(1, "西安"), *(opening(n, "辽源市西安区") for n in range(2, 6))]
    found = imported(tmp_path / "t.csv", rows, PlaceEvidence(("cn:220403",)))
    assert keys(found)[0] == "cn:6101"


def test_a_township_without_its_county_is_read_in_the_files_county(tmp_path: Path) -> None:
    rows = [opening(1, "城关镇"), opening(2, "甘肃省陇南市成县"), opening(3, "成县抛沙镇")]
    found = imported(tmp_path / "t.csv", rows, PlaceEvidence())
    assert str(keys(found)[0]).startswith("cn:621221")


def test_both_homes_and_wanted_places_of_a_roster_are_decided(tmp_path: Path) -> None:
    ambiguous = WORKER | {"编号": "8", "家乡": "朝阳区", "现居住地": "长春市", "愿去地点": "朝阳区"}
    rows = [ambiguous, WORKER | {"编号": "9", "家乡": "长春市", "现居住地": "长春市南关区"}]
    [fact, _] = imported_table(tmp_path, "profiles", P, *rows, mapping="zh_profiles").facts
    assert fact["home"]["code"] == "220104"
    assert fact["willing"]["places"] == [CHANGCHUN]


def test_a_row_rejected_for_another_reason_is_not_asked_for_its_place(tmp_path: Path) -> None:
    bad = opening(1, "朝阳区") | {"title": ""}
    found = imported(tmp_path / "t.csv", [bad, opening(2, "长春市")], PlaceEvidence())
    assert {each.field for each in found.outcomes[0].reasons} == {"title"}


@settings(max_examples=8, deadline=None)
@given(seed=st.randoms(use_true_random=False), at=st.integers(0, CHUNK + 20))
def test_neither_batches_nor_a_dry_run_nor_order_change_the_result(
    tmp_path_factory: Any, seed: Any, at: int
) -> None:
    folder = tmp_path_factory.mktemp("places")
    rows = [opening(n, "长春市南关区") for n in range(CHUNK + 20)]
    rows.insert(at, opening(9_999, "朝阳区"))
    first = imported(folder / "a.csv", rows, PlaceEvidence())
    dry = imported(folder / "b.csv", rows, PlaceEvidence(), dry=True)
    seed.shuffle(rows)
    shuffled = imported(folder / "c.csv", rows, PlaceEvidence())

    def by_id(found: Imported) -> dict[str, str]:
        return {each.id: json.dumps(each.event(), sort_keys=True) for each in found.outcomes}

    assert by_id(first) == by_id(dry) == by_id(shuffled)
    assert CHANGCHUN in keys(first)
