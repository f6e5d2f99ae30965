"""Search landmarks: each has a name, and no field of it or of the page's header has the same."""

from __future__ import annotations

import re

import pytest

from api.console.shell.language import LANGUAGES
from api.console.shell.rendering import FOLDER
from api.console.shell.translations import say_in

FORM = re.compile(r"<form\b(?:(?!</form>).)*?\brole=\"search\".*?</form>", re.DOTALL)
ARIA = re.compile(r"aria-label=\"{{ t\(\"([\w.]+)\"\) }}\"")
LABEL = re.compile(r"<label\b[^>]*>(?:\s*<input[^>]*>)?\s*{{ t\(\"([\w.]+)\"\) }}")
FORMS = {
    f"{path.relative_to(FOLDER)}": form
    for path in sorted(FOLDER.rglob("*.html"))
    for form in FORM.findall(path.read_text("utf-8"))
}
HEADER = "templates/base.html"


def names(form: str) -> tuple[str, set[str]]:
    """Return the key of a form's name and those of its fields."""
    tag, _, rest = form.partition("\n")
    (name,) = ARIA.findall(tag)
    return name, {*ARIA.findall(rest), *LABEL.findall(rest)}


def test_every_page_with_a_search_is_checked() -> None:
    assert HEADER in FORMS
    assert len(FORMS) == sum(
        path.read_text("utf-8").count('role="search"') for path in FOLDER.rglob("*.html")
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FORMS)
def test_a_search_and_its_fields_have_different_names(path: str, language: str) -> None:
    say = say_in(language)
    name, fields = names(FORMS[path])
    assert fields, "every search has a field with a label"
    assert say(name) not in {say(each) for each in fields}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FORMS)
def test_a_search_is_told_from_the_one_in_the_header(path: str, language: str) -> None:
    say = say_in(language)
    header, fields = names(FORMS[HEADER])
    if path in (HEADER, "search/templates/page.html"):  # the header's is left out there
        return
    name, own = names(FORMS[path])
    assert say(name) != say(header)
    assert not {say(each) for each in own} & {say(each) for each in fields}
