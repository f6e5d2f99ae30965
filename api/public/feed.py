"""Open openings as an Atom feed (RFC 4287): pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as xml

from api.public.job_posting import described
from roost.events.opening import Opening

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Listed:
    """Opening with the time of its last change and its public address."""

    opening: Opening
    changed: datetime
    url: str


def atom(listed: Sequence[Listed], url: str, following: str | None, now: datetime) -> bytes:
    """Return the feed of openings in the given order; `following` links older ones (RFC 5005)."""
    xml.register_namespace("", ATOM)
    feed = xml.Element(_name("feed"))
    _text(feed, "id", url)
    _text(feed, "title", "凤还巢 岗位 · Roost openings")
    newest = max((each.changed for each in listed), default=now)
    _text(feed, "updated", newest.isoformat())
    xml.SubElement(feed, _name("link"), rel="self", type=MEDIA, href=url)
    if following is not None:
        xml.SubElement(feed, _name("link"), rel="next", type=MEDIA, href=following)
    for each in listed:
        _entry(feed, each)
    return bytes(xml.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(feed: xml.Element, listed: Listed) -> None:
    opening = listed.opening
    entry = xml.SubElement(feed, _name("entry"))
    _text(entry, "id", listed.url)
    _text(entry, "title", f"{opening.title} · {opening.job_location.name}")
    _text(entry, "updated", listed.changed.isoformat())
    xml.SubElement(entry, _name("link"), rel="alternate", href=listed.url)
    _text(xml.SubElement(entry, _name("author")), "name", opening.hiring_organization.name)
    content = xml.SubElement(entry, _name("content"), type="html")
    content.text = _printable(described(opening))


def _text(parent: xml.Element, name: str, text: str) -> None:
    xml.SubElement(parent, _name(name)).text = _printable(text)


def _printable(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids."""
    return "".join(
        each for each in text if each in "\t\n\r" or (each >= " " and each not in "\ufffe\uffff")
    )


def _name(local: str) -> str:
    return f"{{{ATOM}}}{local}"
