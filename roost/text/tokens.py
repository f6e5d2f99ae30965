"""The single tokenizer: Elasticsearch and scikit-learn get exactly these tokens.

Text is folded (NFKC, simplified characters, lower case). Words of letters and numbers are tokens.
In Chinese, Japanese and Korean runs, each character and each pair of neighbours is a token. That
needs no dictionary, and 焊工 matches 电焊工. A run holds rare characters, too, and ends where
another script begins. Joined by spaces, the tokens go into `whitespace`-analysed fields.
"""

from __future__ import annotations

import re
from collections.abc import Container

from roost.text.lookup_form import lookup_form

_HAN_AND_KANA = (
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
)
"""Characters of Chinese, Japanese and Korean. Source: blocks of Unicode 15.0."""
CJK = re.compile(f"[{_HAN_AND_KANA}]")
WORD = re.compile(
    rf"[{_HAN_AND_KANA}]+|[^\W_{_HAN_AND_KANA}](?:[^\W_{_HAN_AND_KANA}]|[\u0300-\u036f])*(?:[+#]+)?"
)
LATIN = re.compile(r"[A-Za-z]{2}")
LONGEST_ACRONYM = 4
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def folded(text: str) -> str:
    """Return the form of a text for lookup, in lower case, without surrounding white space."""
    return lookup_form(text).casefold().strip()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order, repeats included."""
    found: list[str] = []
    for run in WORD.findall(folded(text)):
        if CJK.match(run):
            found += run
            found += (run[at : at + 2] for at in range(len(run) - 1))
        else:
            found.append(_singular(run))
    return found


def joined(text: str) -> str:
    """Return the tokens joined by spaces, for a `whitespace`-analysed field."""
    return " ".join(tokens(text))


def shared_words(text: str, theirs: Container[str]) -> list[str]:
    """Return the words that a text shares with another's tokens, with neighbours joined again."""
    shared: list[str] = []
    for run in WORD.findall(folded(text)):
        if CJK.match(run):
            shared += _shared_runs(run, theirs)
        elif _singular(run) in theirs:
            shared.append(run)
    return list(dict.fromkeys(shared))


def _shared_runs(run: str, theirs: Container[str]) -> list[str]:
    """Return the stretches whose pairs are all shared; if none, the shared characters."""
    found, start = [], None
    for at in range(len(run)):
        met = run[at : at + 2] in theirs and at + 1 < len(run)
        if met and start is None:
            start = at
        elif not met and start is not None:
            found.append(run[start : at + 1])
            start = None
    return found or [character for character in run if character in theirs]


def normal_skill(text: str) -> str:
    """Return the normal form of a skill, equal for all of its spellings."""
    return " ".join(_singular(part) for part in re.split(r"[\s/,，、]+", folded(text)) if part)


def singular_words(text: str) -> str:
    """Return a text for a sentence encoder: Latin words in the singular, no text in capitals.

    Case is kept where it carries meaning. Returns an empty text if it has no letter or digit.
    """
    plain = " ".join(lookup_form(text).split())
    if plain.isupper() and len(plain) > LONGEST_ACRONYM:
        plain = plain.title()
    if not WORD.search(plain.casefold()):
        return ""
    return _LATIN_WORD.sub(lambda found: _singular(found.group()), plain)


def plural_end(text: str) -> bool:
    """Return whether the last word of a text is a Latin word in the plural."""
    last = text.split()[-1:]
    return singular_words(" ".join(last)).split() != last and bool(
        _LATIN_WORD.search("".join(last))
    )


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word
