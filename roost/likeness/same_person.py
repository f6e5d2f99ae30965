"""Signs that two records describe one person: number, telephone, name and home. Pure.

Records are compared by keyed hashes, and need no number, telephone or name in clear text. A sign is
a reason to ask a clerk and never a decision: families share a telephone, and two people of one
township can have one name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from roost import ids
from roost.contact.addresses import address_key
from roost.events.common import Place
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile, ProfileContent
from roost.places.gazetteer import gazetteer
from roost.text.lookup_form import lookup_form
from roost.text.name_sounds import name_sound
from roost.text.normalising import nfkc
from roost.text.references import common_number, visible_text

_IDENTITY_KEY = re.compile(r"p-[a-z2-7]{26}")
"""Keyed hash that a roster's identity number is stored as."""
_IDENTITY_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_BETWEEN_NAMES = re.compile(r"[\s·•・‧∙.]+")


TOWNSHIP_DEPTH = 5
"""Least number of divisions, the country included, that make a home a township or smaller."""


class Sign(StrEnum):
    """Sign that two records describe one person."""

    NUMBER = "number"
    """The same number, in another roster."""
    TELEPHONE = "telephone"
    NAME_AND_HOME = "name_and_home"
    SOUND_AND_HOME = "sound_and_home"
    """Another name of the same sound at the same township, while the telephones do not differ."""
    SOUND = "sound"
    """Another name of the same sound along with the number or the telephone."""
    NAME = "name"
    """The same name along with the number or the telephone, and another home."""
    OTHER_NAME = "other_name"
    """The same number in the same roster, and another name: a correction, or another person."""
    OTHER_DETAILS = "other_details"
    """The same number and name, and both another telephone and another home: perhaps reused."""


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """Keys by which a record is compared with others."""

    number: str = ""
    telephones: frozenset[str] = frozenset()
    name: str = ""
    """Comparable name, in clear text: it is compared in memory only."""
    name_at_home: str = ""
    sound: str = ""
    """Sound of the name, in clear text."""
    sound_at_home: str = ""
    is_small_home: bool = False
    """True if the home is a township, where few people have one name."""
    is_identity: bool = False
    """True for an identity number, which no other person has."""


@lru_cache(maxsize=20_000)
def comparable_name(name: str) -> str:
    """Return the form of a name that its spellings share.

    Width, case, blanks, the marks between the parts of a name and traditional characters do not
    count.
    """
    plain = lookup_form(nfkc(visible_text(name))).casefold()
    return _BETWEEN_NAMES.sub("", plain)


def number_key(number: str) -> str:
    """Return the search key of a person's number, whatever roster it comes from.

    An identity number and the hash that is stored in its place have one key, once the ids of the
    record are keyed: before, no identity number is hashed.
    """
    common = common_number(number)
    if _IDENTITY_KEY.fullmatch(common.lower()):
        return common.lower()
    is_identity = bool(_IDENTITY_NUMBER.fullmatch(common))
    kind = ids.PERSONAL if is_identity and ids.current_key().secret else "q"
    return ids.derive(kind, common)


def is_identity_number(number: str) -> bool:
    """Return whether a number has the form of an identity number, or is the hash of one."""
    common = common_number(number)
    return bool(_IDENTITY_NUMBER.fullmatch(common) or _IDENTITY_KEY.fullmatch(common.lower()))


def name_at_home(name: str, home: Sequence[str]) -> str:
    """Return the search key of a name at a home, given as its keys from the innermost outwards.

    Empty for an unknown home.
    """
    return ids.derive("d", comparable_name(name), home[0]) if home else ""


def sound_at_home(name: str, home: Sequence[str]) -> str:
    """Return the search key of a name's sound at a home; empty unless the home is a township.

    Many people of a county or city have names of one sound.
    """
    sound = name_sound(comparable_name(name)) if len(home) >= TOWNSHIP_DEPTH else ""
    return ids.derive("d", "sound", sound, home[0]) if sound else ""


def telephone_keys(channels: Iterable[Channel]) -> frozenset[str]:
    """Return the search keys of the telephone numbers."""
    return frozenset(
        address_key(each.kind, each.address) for each in channels if each.kind is ChannelKind.SMS
    )


def person_keys(
    number: str | None, name: str, channels: Iterable[Channel], home: Sequence[str]
) -> PersonKeys:
    """Return the keys of a record; `home` are the keys of its home from the innermost outwards."""
    return PersonKeys(
        number_key(number) if number else "",
        telephone_keys(channels),
        comparable_name(name),
        name_at_home(name, home),
        name_sound(comparable_name(name)),
        sound_at_home(name, home),
        len(home) >= TOWNSHIP_DEPTH,
        is_identity_number(number or ""),
    )


def numbers_of(profile: Profile) -> list[str]:
    """Return the search keys of all numbers of a person."""
    numbers = [profile.identifier, *(each.identifier for each in profile.other_numbers)]
    return sorted({number_key(each) for each in numbers if each})


def records_of(profile: Profile) -> list[str]:
    """Return the ids that the person's other numbers would have on their own."""
    return sorted(ids.worker_id(each.source, each.identifier) for each in profile.other_numbers)


def reused_number(content: ProfileContent, stored: Profile) -> Sign | None:
    """Return the sign that a stored number now stands for another person; None without one.

    A person has another telephone or another home from time to time. Both at once, where all are
    known, are as likely another person of that name. A home within the stored one is the same.
    """
    if comparable_name(stored.name) != comparable_name(content.name):
        return Sign.OTHER_NAME
    before, now = telephone_keys(stored.channels), telephone_keys(content.channels)
    if not before or not now or before & now:
        return None
    return None if _is_one_home(content.home, stored.home) else Sign.OTHER_DETAILS


def _is_one_home(one: Place, other: Place) -> bool:
    """Return whether two homes may be one: the same, or one within the other, or unknown."""
    if not one.key or not other.key:
        return True
    known = gazetteer()
    return one.key in known.ancestors(other.key) or other.key in known.ancestors(one.key)


def is_by_name(signs: Collection[Sign]) -> bool:
    """Return whether two records have both one name and one telephone."""
    return Sign.TELEPHONE in signs and not {Sign.NAME, Sign.NAME_AND_HOME}.isdisjoint(signs)


def signs_of(
    wanted: PersonKeys, found: PersonKeys, numbers: Collection[str], *, number_alone: bool
) -> tuple[Sign, ...]:
    """Return the signs that a stored person is the wanted one; none if it cannot be.

    `numbers` are all number keys of the stored person. Rosters number their people from 1, so a
    number is a sign in files only along with the name or the telephone; somebody who types one in
    is asked in any case (`number_alone`). Two identity numbers that differ are two people. A name
    in a county or city, where many people share it, is no sign if both telephones are known and
    differ; nor is a name that only sounds the same, at any home.
    """
    known = {found.number, *numbers} - {""}
    if wanted.is_identity and found.is_identity and wanted.number not in known:
        return ()
    signs = []
    if wanted.telephones & found.telephones:
        signs.append(Sign.TELEPHONE)
    other_telephone = bool(wanted.telephones and found.telephones) and not signs
    if wanted.name_at_home and wanted.name_at_home == found.name_at_home:
        if wanted.is_small_home or not other_telephone:
            signs.append(Sign.NAME_AND_HOME)
    elif wanted.sound_at_home == found.sound_at_home != "" and not other_telephone:
        signs.append(Sign.SOUND_AND_HOME)
    has_sound = wanted.name != found.name and bool(wanted.sound) and wanted.sound == found.sound
    if wanted.number in known:
        is_alike = bool(signs) or has_sound or wanted.name == found.name or wanted.is_identity
        if is_alike or number_alone:
            signs.insert(0, Sign.NUMBER)
    if signs and Sign.NAME_AND_HOME not in signs and wanted.name == found.name:
        signs.append(Sign.NAME)
    if signs and has_sound and Sign.SOUND_AND_HOME not in signs:
        signs.append(Sign.SOUND)
    return tuple(signs)
