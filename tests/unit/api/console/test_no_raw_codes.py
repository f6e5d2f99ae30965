"""No code of the wire reaches a page: values, fields and permissions have words, twice."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import pytest

import api.console
from api.access.permission_labels import LABELS
from api.console.shell.form_layout import Layout
from api.console.shell.refusal_words import field_name
from api.console.shell.summary_labels import LabelMarks
from api.console.shell.translations import catalogue
from roost.events.account import AccountRole, Permission
from roost.events.common import Education, Shift, WageUnit
from roost.events.match import ActionKind, ContactOutcome, DeclineReason, InterviewBy, MatchState
from roost.events.notification import NotificationKind
from roost.events.opening import EmploymentType, OpeningStatus, Workplace
from roost.events.preferences import ChannelKind, Pace
from roost.events.profile import ProfileStatus
from roost.events.station import StationKind

WORDS: dict[str, Iterable[StrEnum]] = {
    "words.role": AccountRole,
    "words.status": OpeningStatus,
    "words.state": MatchState,
    "words.decline": DeclineReason,
    "words.education": Education,
    "words.shift": Shift,
    "words.employment": EmploymentType,
    "words.workplace": Workplace,
    "words.unit": WageUnit,
    "words.station": StationKind,
    "words.channel": ChannelKind,
    "words.kind": NotificationKind,
    "words.pace": Pace,
    "words.profile": ProfileStatus,
    "words.interview": InterviewBy,
    "queue.actions": ActionKind,
    "match.contact": ContactOutcome,
}
HIDDEN = {"enrolment", "next", "seed", "through", "version"}
"""Fields of forms that nobody fills in."""
CODE = re.compile(r"\b[a-z]+[A-Z]\w*|\b\w+_\w+|\b[a-z]+:[a-z]+\b")
"""Names of fields, values of enumerations, and permissions, as the wire writes them."""


def layouts() -> Iterator[tuple[str, Layout]]:
    for module in pkgutil.walk_packages(api.console.__path__, "api.console."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Layout):
                yield f"{module.name}.{name}", value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_value_has_words(language: str) -> None:
    known = catalogue(language)
    missing = [
        f"{prefix}.{each.value}"
        for prefix, values in WORDS.items()
        for each in values
        if f"{prefix}.{each.value}" not in known
    ]
    assert missing == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_of_every_form_has_a_name(language: str) -> None:
    found = dict(layouts())
    assert len(found) > 20
    nameless = [
        f"{where} {field}"
        for where, layout in found.items()
        for field in layout.fields
        if field not in HIDDEN and not field_name(field, language)
    ]
    assert nameless == []


def test_every_permission_has_a_label_without_its_code() -> None:
    assert set(LABELS) == set(Permission)
    assert [each for labels in LABELS.values() for each in labels if CODE.search(each)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_name_of_a_field_is_a_code(language: str) -> None:
    names = {key: text for key, text in catalogue(language).items() if key.startswith("fields.")}
    assert {key: text for key, text in names.items() if CODE.search(str(text))} == {}


PAGE = """<li><a href="#title">{title}Fill this in</a></li>
<li><a href="#pay.min">{pay}Too low</a></li>
<li><a href="#kinds">{kinds}None</a></li><li><a href="#ok">{ok}Tick it</a></li>
<label for="title">Job title <span class="optional">(optional)</span></label><input id="title">
<fieldset class="field"><legend>Pay</legend><label for="pay.min">At least</label></fieldset>
<fieldset id="kinds" class="field"><legend>Kinds &amp; ways</legend></fieldset>
<label class="choice"><input type="checkbox" id="ok" name="ok"> I agree</label>"""


def test_a_summary_of_errors_names_each_field_by_its_label_on_the_page() -> None:
    marks = LabelMarks()
    names = {"title": "title", "pay": "pay.min", "kinds": "kinds", "ok": "ok"}
    marked = PAGE.format(**{key: marks.mark(name) for key, name in names.items()})
    links = re.findall(r"<a [^>]*>(.*?)</a>", marks.named(marked, "en"))
    assert links == [
        "Job title: Fill this in",
        "Pay · At least: Too low",
        "Kinds &amp; ways: None",
        "I agree: Tick it",
    ]
    assert "Job title：Fill" in marks.named(marked, "zh")
    assert marks.named(f"<p>{marks.mark('callAgainAt')}</p>", "zh") == "<p>再联系时间：</p>"
    assert marks.named(f"<p>{marks.mark('unknown')}x</p>", "en") == "<p>x</p>"
