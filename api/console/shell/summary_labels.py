"""Labels of fields in the summary of a form's errors: those of the page itself. Pure.

The summary stands above the fields, so a template marks the place of each label, and the rendered
page supplies it. A label within a group begins with the name of the group.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from api.console.shell.refusal_words import field_name

BEGINS, ENDS = "\x02", "\x03"
_MARK = re.compile(f"{BEGINS}([^{ENDS}]*){ENDS}")
_TAGS = re.compile(r"<span class=\"optional\">.*?</span>|<[^>]*>", re.DOTALL)
_GROUP = re.compile(r"<fieldset[^>]*>\s*<legend>(.*?)</legend>", re.DOTALL)


def label_mark(name: str) -> Markup:
    """Return the mark that `named` replaces with the label of a field."""
    return Markup(f"{BEGINS}{escape(name)}{ENDS}")


def named(html: str, language: str) -> str:
    """Return a page with the labels of the fields at their marks."""
    if BEGINS not in html:
        return html
    colon = "：" if language == "zh" else ": "

    def label(mark: re.Match[str]) -> str:
        found = _label(html, mark[1]) or str(escape(field_name(mark[1], language)))
        return f"{found}{colon}" if found else ""

    return _MARK.sub(label, html)


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
