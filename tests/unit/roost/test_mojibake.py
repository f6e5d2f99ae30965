"""Repair of wrongly decoded text: what it repairs, and that it leaves correct text alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roost.text.mojibake import mended

CAPITALS = "ABÉÈÀÂÃÄÅÇÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŒŠŽŸ"
SMALL = "abéèàâãäåçêëìíîïðñòóôõöøùúûüýþßœšž"
AFTER = (
    "’S",
    "’s",
    "”",
    "’",
    "…",
    "–",
    "—",
    "™",
    "®",
    "©",
    "†",
    "‡",
    "•",
    ",",
    ".",
    "”…",
    "!”",
    "»",
)
BEFORE = ("“", "‘", "«", "(", "¡", "¿", "£", "€", "—", "")
WORDS = st.one_of(
    st.text(CAPITALS, min_size=2, max_size=8),
    st.text(SMALL, min_size=1, max_size=8),
    st.builds(
        "{}{}".format,
        st.sampled_from(CAPITALS),
        st.text(SMALL.replace("ª", ""), min_size=1, max_size=6),
    ),
)
NO_LANGUAGE = re.compile("[ÃÂ][ŒŠŽŸœšž]|(?:[Ä-ß][ŒŠŽŸœšž]){2}|âœ")
"""Letters of different alphabets in one word."""
CORRECT = (
    st.lists(
        st.builds("{}{}{}".format, st.sampled_from(BEFORE), WORDS, st.sampled_from(("", *AFTER))),
        min_size=1,
        max_size=6,
    )
    .map(" ".join)
    .filter(lambda text: not NO_LANGUAGE.search(text))
)


@pytest.mark.parametrize(
    "text",
    [
        "Barista at “CAFÉ” NYC",
        "FIANCÉ’S HELPER",
        "VOILÀ…",
        "CLICHÉ‘S",
        "TOUCHÉ¨",
        "he said “café”… yes",
        "MAÇÃ® and IRMÃ’S",
        "MÃE–FILHA",
        "ESPAÑA”",
        "AÇAÍ’S BOWL",
        "ROMÂ®",
        "ÅNGSTRÖM…",
        "“À”",
        "25°C ± 1",
        "naïve — ’twas",
        "焊工é店长",
        "ÇA VA? ÇÀ…",
        "BŒUF™",
    ],
)
def test_correct_text_is_unchanged(text: str) -> None:
    assert mended(text) == text


@given(CORRECT)
@example("donÉ’T")
def test_words_with_typographic_marks_are_unchanged(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize(
    ("misread", "correct"),
    [
        ("Childrenâ€™s", "Children’s"),
        ("â€œ1â€\x9d above", "“1” above"),
        ("2010 â€“ 2011", "2010 – 2011"),
        ("Acmeâ„¢ pays â‚¬5", "Acme™ pays €5"),
        ("CafÃ©", "Café"),
        ("Ã©tat", "état"),
        ("MÃ¼ller", "Müller"),
        ("NiÃ±o", "Niño"),
        ("CAFÃ‰", "CAFÉ"),
        ("ESPAÃ‘A", "ESPAÑA"),
        ("ADMINISTRACIÃ“N", "ADMINISTRACIÓN"),
        ("FÃœR", "FÜR"),
        ("FRANÃ‡AIS", "FRANÇAIS"),
        ("Â£5 at 25Â°C", "£5 at 25°C"),
        ("wordÂ\xa0next", "word\xa0next"),
        ("ç„Šå·¥ wanted", "焊工 wanted"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("ðŸ˜€ yes", "😀 yes"),
        ("donâ€™t go to “CAFÉ”", "don’t go to “CAFÉ”"),
        ("twiceÃ¢â‚¬â„¢s", "twice’s"),
    ],
)
def test_misread_text_is_repaired(misread: str, correct: str) -> None:
    assert mended(misread) == correct


@given(st.text("焊工师傅装配缝纫", min_size=2, max_size=20))
def test_misread_chinese_is_repaired(text: str) -> None:
    misread = "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )
    assert mended(misread) == text


@given(st.text(st.sampled_from("aAâÃÂé€™”“…\x9d\xa0 焊"), max_size=30))
def test_repaired_text_stays(text: str) -> None:
    once = mended(text)
    assert mended(once) == once
