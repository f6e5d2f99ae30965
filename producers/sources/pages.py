"""Pages of a source: the answers of its server in the order of its cursor, or files of its folder.

A source without a cursor has one page. A listing with one is complete when its last page has been
read. A source of changes continues at the cursor of its last run.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import orjson

from producers.sources.folder_reading import files_after, folder_files, newest_file
from producers.sources.http_fetching import (
    NO_VALIDATORS,
    Bounds,
    Downloaded,
    NotModified,
    Validators,
    download,
)
from producers.sources.run_faults import RunFailed, too_large
from roost.contact.webhook_targets import origin_of
from roost.events.source import CursorRule, RunFault, Source, SourceMode

PLACEHOLDER = "{cursor}"
MOST_PAGES = 1_000
MOST_PARSED_BYTES = 20_000_000
"""Largest JSON page that is parsed for its cursor."""
LONGEST_CURSOR = 2_000
_POSITION = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page or file: its path, and the validators and the cursor to keep once it is processed.

    `last` says whether the source has no further page now.
    """

    path: Path
    validators: Validators
    cursor: str | None
    last: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Position of the last run: its cursor, and the validators of its last page."""

    cursor: str | None = None
    validators: Validators = NO_VALIDATORS


def pages(
    source: Source, since: Position, root: Path, scratch: Path, bounds: Bounds, now: datetime
) -> Iterator[Page]:
    """Yield the pages of a source after a position; none if nothing has changed.

    Raises RunFailed. A page's file is replaced by that of the next one.
    """
    if source.folder is not None:
        return _folder_pages(source, source.folder, since, root, bounds, now)
    assert source.url is not None
    if source.cursor is None:
        return _single_page(source.url, since, scratch, bounds)
    return _cursor_pages(source, source.url, source.cursor, since, scratch, bounds)


def _folder_pages(
    source: Source, folder: str, since: Position, root: Path, bounds: Bounds, now: datetime
) -> Iterator[Page]:
    files = folder_files(root, folder, now, bounds.most_bytes)
    if source.mode is SourceMode.LISTING:
        newest = newest_file(files, folder)
        files = [] if newest.cursor == since.cursor else [newest]
    else:
        files = files_after(files, since.cursor)
    for number, each in enumerate(files, 1):
        yield Page(each.path, NO_VALIDATORS, each.cursor, number == len(files))


def _single_page(url: str, since: Position, scratch: Path, bounds: Bounds) -> Iterator[Page]:
    found = _downloaded(url, since.validators, scratch, bounds)
    if found is not None:
        yield Page(found.path, found.validators, None, last=True)


def _cursor_pages(
    source: Source, url: str, rule: CursorRule, since: Position, scratch: Path, bounds: Bounds
) -> Iterator[Page]:
    resumes = source.mode is SourceMode.CHANGES and since.cursor is not None
    cursor = since.cursor if resumes and since.cursor is not None else rule.start
    validators = since.validators if resumes else NO_VALIDATORS
    for _ in range(MOST_PAGES):
        found = _downloaded(page_address(url, cursor), validators, scratch, bounds)
        if found is None:
            return
        following = next_cursor(rule, found)
        last = following is None or following == cursor
        cursor = cursor if following is None else following
        # Validators belong to the page that the next run begins with.
        yield Page(found.path, found.validators if last else NO_VALIDATORS, cursor or None, last)
        if last:
            return
        validators = NO_VALIDATORS
    if source.mode is SourceMode.LISTING:
        raise RunFailed(
            RunFault.TOO_LARGE,
            f"The listing has more than {MOST_PAGES} pages; ask the partner for larger pages.",
            f"列表超过 {MOST_PAGES} 页，请与合作方商定更大的分页。",
        )


def _downloaded(
    url: str, validators: Validators, scratch: Path, bounds: Bounds
) -> Downloaded | None:
    """Download a page; return None if it is unchanged. Raises RunFailed."""
    try:
        return asyncio.run(download(url, validators, scratch, bounds))
    except NotModified:
        return None


def page_address(url: str, cursor: str) -> str:
    """Return the address of a page. Raises RunFailed for one at another origin than the source.

    A cursor that is a URL, or a path with a slash, is the address itself; any other replaces the
    placeholder in the source's URL.
    """
    plain = url.replace(PLACEHOLDER, "")
    if not cursor.startswith(("https://", "http://", "/")):
        if cursor and PLACEHOLDER not in url:
            raise _no_address()
        return url.replace(PLACEHOLDER, quote(cursor, safe=""))
    try:
        address = urljoin(plain, cursor)
        same = origin_of(address) == origin_of(plain)
    except ValueError:
        same = False
    if not same:
        raise _no_address()
    return address


def _no_address() -> RunFailed:
    return RunFailed(
        RunFault.UNREADABLE,
        "The cursor is no address of this server, and the URL has no {cursor} for it.",
        "游标不是该服务器的地址，且网址中没有 {cursor}。",
    )


def next_cursor(rule: CursorRule, page: Downloaded) -> str | None:
    """Return the cursor of the page after this one; None on the last one. Raises RunFailed."""
    if rule.header is not None:
        return _text(page.headers.get(rule.header))
    assert rule.field is not None
    if page.path.stat().st_size > MOST_PARSED_BYTES:
        raise too_large(MOST_PARSED_BYTES)
    try:
        document = orjson.loads(page.path.read_bytes())
    except orjson.JSONDecodeError:
        raise RunFailed(
            RunFault.UNREADABLE,
            "The page is not JSON, so that its cursor cannot be read.",
            "该页不是 JSON，无法读取游标。",
        ) from None
    return _text(value_at(document, rule.field))


def value_at(document: Any, path: str) -> Any:
    """Return the value at a path of names and positions; None if the path does not exist."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and _POSITION.fullmatch(step):
            at = int(step)
            document = document[at] if -len(document) <= at < len(document) else None
        else:
            return None
    return document


def _text(value: Any) -> str | None:
    """Return a cursor as text; None for an empty one. Raises RunFailed for one that is too long."""
    if value is None or isinstance(value, bool | dict | list) or value == "":
        return None
    text = str(value)
    if len(text) > LONGEST_CURSOR:
        raise RunFailed(RunFault.UNREADABLE, "The cursor is too long.", "游标过长。")
    return text
