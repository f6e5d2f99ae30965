"""Writing of messages: collect the facts, render the template, cut the text to its limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from roost.wording import inert, template_facts, templates
from roost.wording.digest import LINES, Selection, select
from roost.wording.message import Message, Subject
from roost.wording.template_values import template_values

LONGEST_TITLE = 120
"""Maximum length of a title, in characters."""
LONGEST_BODY = 1_500
"""Maximum length of a body, in characters."""
STOP = {True: "退订：{url}", False: "Stop all messages: {url}"}


def write(
    id: str,
    language: str,
    subjects: Sequence[Subject],
    *,
    stop_url: str = "",
    at: datetime | None = None,
    folder: Path | None = None,
) -> Message:
    """Write one subject with the template of its kind, or several, to one recipient, as a digest.

    Any language except Chinese gets English. `at` is the current time, for waiting times; `folder`
    holds a county's own templates.

    Raises ValueError, which names the facts that the views no longer hold, and BadTemplate.
    """
    _check(subjects, at)
    chinese = is_chinese(language)
    stop = _stop_line(subjects, stop_url, chinese)
    room = LONGEST_BODY - (len(stop) + 1 if stop else 0)
    title, body, context = (
        _one(subjects[0], chinese, at, folder)
        if len(subjects) == 1
        else _several(subjects, chinese, at, folder, room)
    )
    values = template_values(context) | {"title": inert.own_line(title, LONGEST_TITLE)}
    return Message(
        id=id,
        title=inert.own_line(title, LONGEST_TITLE),
        body="\n".join(part for part in (inert.cut(body, room), stop) if part),
        urgent=any(each.urgent for each in subjects),
        stop_url=stop_url if stop else "",
        values=values,
        chinese=chinese,
    )


def is_chinese(language: str) -> bool:
    """Return whether a language tag (BCP 47) means Chinese."""
    return re.split(r"[-_]", language.strip().lower())[0] == "zh"


def _check(subjects: Sequence[Subject], at: datetime | None) -> None:
    if not subjects:
        raise ValueError("A message needs at least one subject")
    if len({each.notification.recipient for each in subjects}) > 1:
        raise ValueError("The subjects of one message have several recipients")
    for subject in subjects:
        if lacking := template_facts.missing(subject, scored=len(subjects) > 1, at=at):
            notification = subject.notification
            raise ValueError(
                f"{notification.kind.value} {notification.id} cannot be written: the views do "
                f"not hold {', '.join(lacking)}"
            )


def _stop_line(subjects: Sequence[Subject], url: str, chinese: bool) -> str:
    """Return the line with the stop link; a station's messages are its work and have none."""
    return STOP[chinese].format(url=url) if url and subjects[0].stoppable else ""


def _one(
    subject: Subject, wanted: bool, at: datetime | None, folder: Path | None
) -> tuple[str, str, dict[str, Any]]:
    chinese = template_facts.in_chinese(subject, wanted)
    context = template_facts.facts_for_template(subject, chinese, at)
    return *_rendered(subject.notification.kind.value, chinese, context, folder), context


def _several(
    subjects: Sequence[Subject],
    chinese: bool,
    at: datetime | None,
    folder: Path | None,
    room: int,
) -> tuple[str, str, dict[str, Any]]:
    """Render a digest with the maximum number of lines that fit, so that no line is cut off."""
    for most in range(LINES, -1, -1):
        selection = select(subjects, most)
        context = _digest_context(subjects, selection, chinese, at, folder)
        title, body = _rendered(templates.DIGEST, chinese, context, folder)
        if len(body) <= room:
            break
    return title, body, context


def _digest_context(
    subjects: Sequence[Subject],
    selection: Selection,
    chinese: bool,
    at: datetime | None,
    folder: Path | None,
) -> dict[str, Any]:
    return {
        "recipient": subjects[0].notification.recipient.kind.value,
        "total": len(subjects),
        "matches_total": len(selection.matches) + selection.matches_left,
        "matches": [
            template_facts.opening(each.opening or {}, chinese) for each in selection.matches
        ],
        "others": _headlines(selection.others, chinese, at, folder),
        "matches_left": selection.matches_left,
        "others_left": selection.others_left,
    }


def _headlines(
    subjects: Sequence[Subject], chinese: bool, at: datetime | None, folder: Path | None
) -> list[dict[str, str]]:
    """Return the lines of subjects; the first of each saved search has the link that ends it."""
    lines, linked = [], set()
    for each in subjects:
        search = each.notification.saved_search_id
        link = each.link if search is not None and search not in linked else ""
        linked.add(search)
        lines.append(_headline(each, chinese, at, folder) | {"end_link": link})
    return lines


def _headline(
    subject: Subject, chinese: bool, at: datetime | None, folder: Path | None
) -> dict[str, str]:
    """Return a subject as one line: the title of its message, and the employer."""
    title, *_ = _one(subject, chinese, at, folder)
    employer = template_facts.opening(subject.opening, chinese).employer if subject.opening else ""
    return {"title": inert.own_line(title, LONGEST_TITLE), "employer": employer}


def _rendered(
    name: str, chinese: bool, context: dict[str, Any], folder: Path | None
) -> tuple[str, str]:
    language = "zh" if chinese else "en"
    title, _, body = templates.render(name, language, context, folder).partition("\n")
    return title.strip(), body.strip()
