"""Labels of fields in the summary of a form's errors: those of the page itself. Pure.

The summary stands above the fields, so a template marks the place of each label, and the rendered
page supplies it. A label within a group begins with the name of the group.
"""

from __future__ import annotations

import re
import secrets

from markupsafe import Markup, escape

from api.console.shell.refusal_words import field_name

_TAGS = re.compile(r"<span class=\"optional\">.*?</span>|<[^>]*>", re.DOTALL)
_GROUP = re.compile(r"<fieldset[^>]*>\s*<legend>(.*?)</legend>", re.DOTALL)


class LabelMarks:
    """Places of labels in one page, marked with a secret, so that no text of a visitor is one."""

    def __init__(self) -> None:
        secret = secrets.token_hex(16)
        self._begins, self._ends = f"[{secret}:", f":{secret}]"

    def mark(self, name: str) -> Markup:
        """Return the mark that `named` replaces with the label of a field."""
        return Markup(f"{self._begins}{escape(name)}{self._ends}")

    def named(self, html: str, language: str) -> str:
        """Return the page with the labels of the fields at their marks."""
        if self._begins not in html:
            return html
        first, *rest = html.split(self._begins)
        parts = [first]
        for each in rest:
            name, _, after = each.partition(self._ends)
            parts += (_with_colon(html, name, language), after)
        return "".join(parts)


def _with_colon(html: str, name: str, language: str) -> str:
    """Return the label of a field before its error; empty without one."""
    label = _label(html, name) or str(escape(field_name(name, language)))
    return f"{label}{'：' if language == 'zh' else ': '}" if label else ""


def _label(html: str, name: str) -> str:
    """Return the label of the element with an id, as HTML; empty without one."""
    id = re.escape(name)
    for shape in (
        rf'<label for="{id}"[^>]*>(.*?)</label>',
        rf'<fieldset[^>]*\bid="{id}"[^>]*>\s*<legend>(.*?)</legend>',
        rf'<label[^>]*><input[^>]*\bid="{id}"[^>]*>(.*?)</label>',
    ):
        if found := re.search(shape, html, re.DOTALL):
            group = _group(html[: found.start()])
            return " · ".join(each for each in (group, _plain(found[1])) if each)
    return ""


def _group(before: str) -> str:
    """Return the name of the group that is open at the end of a text; empty outside of one."""
    opened = before.rfind("<fieldset")
    if opened <= before.rfind("</fieldset>"):
        return ""
    legend = _GROUP.match(before, opened)
    return _plain(legend[1]) if legend else ""


def _plain(html: str) -> str:
    return " ".join(_TAGS.sub("", html).split())
