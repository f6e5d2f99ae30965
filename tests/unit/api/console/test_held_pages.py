"""Page of everything that is held about a worker: in words, bounded, with every consent."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.me.held_pages import SHOWN, consents, newest, profile_facts
from api.console.shell.translations import say_in
from api.profiles.export import Export
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import HERE, worker

EMPTY: dict[str, Any] = {
    name: [] for name in Export.model_fields if name not in {"profile", "preferences", "stop"}
}


def export(**changes: Any) -> Export:
    profile = worker(HERE) | changes.pop("profile", {})
    fields = EMPTY | {"exported_at": NOW, "profile": profile, "preferences": None, "stop": None}
    return Export.model_construct(**(fields | changes))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_profile_is_shown_in_words_and_without_empty_entries(language: str) -> None:
    profile = worker(HERE) | {
        "identifier": "A-1",
        "skills": ["砌墙", "抹灰"],
        "summary": "",
        "needsLodging": True,
        "registeredHousehold": {"registered": True, "consent": False},
    }
    found = dict(profile_facts(profile, say_in(language)))
    assert found["number"] == "A-1"
    assert found["skills"] == {"zh": "砌墙、抹灰", "en": "砌墙, 抹灰"}[language]
    assert found["household"] == {"zh": "是", "en": "yes"}[language].capitalize()
    assert "summary" not in found


def test_the_page_is_bounded_and_newest_first() -> None:
    many = [{"at": f"2026-11-{day:02d}"} for day in range(1, 29)] * 3
    shown = newest(many, "at")
    assert len(shown) == SHOWN
    assert shown[0]["at"] == "2026-11-28"


def test_every_consent_is_named_with_its_state() -> None:
    assert consents(
        export(profile={"registeredHousehold": None, "shownToEmployers": {"experience": False}})
    ) == [
        ("experience", False),
        ("name", False),
        ("contact", False),
        ("messages", True),
    ]
    household = {"registered": True, "consent": True}
    stopped = export(profile={"registeredHousehold": household}, stop={"stopped": True})
    assert dict(consents(stopped)) == {
        "experience": True,
        "name": False,
        "contact": False,
        "messages": False,
        "household": True,
    }
