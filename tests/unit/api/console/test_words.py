"""Both languages are complete, and templates contain no text outside the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import nodes

from api.console.shell.language import LANGUAGES
from api.console.shell.rendering import FOLDER, environment
from api.console.shell.translations import Text, catalogue, say_in

TEMPLATES = sorted(FOLDER.rglob("*.html"))
SHOWN = {"alt", "aria-label", "placeholder", "title", "aria-description", "data-label"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
"""Of a macro that makes attributes."""
HOLE = "\N{REPLACEMENT CHARACTER}"


def names(text: Text) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def test_both_languages_have_the_same_keys_with_the_same_values_in_them() -> None:
    zh, en = (catalogue(language) for language in LANGUAGES)
    assert set(zh) == set(en)
    assert {key: names(text) for key, text in zh.items()} == {
        key: names(text) for key, text in en.items()
    }


def test_no_text_is_empty_and_every_text_that_counts_has_the_form_for_many() -> None:
    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            assert text if isinstance(text, str) else text["other"], key


def test_a_text_that_counts_says_one_in_the_singular() -> None:
    say = say_in("en")
    assert say("shell.times.minutes", n=1) == "1 minute ago"
    assert say("shell.times.minutes", n=2) == "2 minutes ago"
    assert say_in("zh")("shell.times.minutes", n=1) == "1分钟前"


def called(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the key, or its beginning, of every `t(…)` in a template, and whether it is whole."""
    tree = environment().parse(path.read_text("utf-8"))
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name != "t":
            continue
        said = call.args[0]
        if isinstance(said, nodes.Const):
            yield said.value, True
        elif isinstance(said, nodes.Concat) and isinstance(said.nodes[0], nodes.Const):
            yield said.nodes[0].value, False
        else:
            pytest.fail(f"{path.name}, line {call.lineno}: a key begins with its feature")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_takes_marks_between_texts_from_the_catalogue(path: Path) -> None:
    """Chinese has other marks: `t("shell.colon")` and `t("words.separator")`."""
    assert re.findall(r"\}\}[:;,!?] [^\n]{0,30}", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_uses_known_keys_only(path: Path) -> None:
    known = catalogue("zh")
    for key, whole in called(path):
        found = key in known if whole else any(each.startswith(key) for each in known)
        assert found, key


class Bare(HTMLParser):
    """Collects visible texts, and markup that the pages' security policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inline: list[str] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in.append(tag)
        said = {name: value or "" for name, value in attrs}
        self.texts += [value for name, value in said.items() if name in SHOWN]
        self.inline += [
            name for name in said if name.startswith(("on", "hx-on")) or name == "style"
        ]
        if tag == "style" or (tag == "script" and "src" not in said):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(ATTRIBUTE.sub("", data))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_holds_no_bare_text_no_style_and_no_script(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    parser = Bare()
    parser.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", HOLE, source, flags=re.DOTALL))
    bare = [text.strip() for text in parser.texts if LETTERS.search(text)]
    assert not bare
    assert not parser.inline
