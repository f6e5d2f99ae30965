"""Repair of UTF-8 text that was decoded as Windows-1252 (`â€™`, `CafÃ©`, `ç„Šå·¥`).

Correct text is never changed. `É”` and `É’` are valid UTF-8 as bytes, too (`ɔ` and `ɒ`), but “CAFÉ”
and FIANCÉ’S are words. So a sequence is repaired only where no correct text can be meant: a small
`â` before a euro sign, a capital `Ã` within a word in small letters, several foreign letters in a
row. All other sequences stay.

Source: byte ranges of Unicode 15.0, table 3-7; characters of Windows-1252. The library ftfy uses
frequencies of characters in its place, and changes `CLICHÉ‘S` and `CAFÉ”` next to a real error.
"""

from __future__ import annotations

import re

MOST_DECODINGS = 4
"""Wrong decodings of one text that are undone."""
_BYTES = {
    ord(bytes([byte]).decode("cp1252", "replace")): byte
    for byte in range(0x80, 0x100)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
} | {byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Bytes by the characters for which Windows-1252 takes them; five are none and stay controls."""
_HIGH = "".join(chr(code) for code, byte in _BYTES.items() if 0x80 <= byte <= 0x9F)
"""Characters of the bytes 80 to 9F: quotation marks, dashes, a few letters."""
_MARKS = "\u00a0-\u00bf"
"""Characters of the bytes A0 to BF: signs, no letters but ª and º."""
_NEXT = f"[{re.escape(_HIGH)}{_MARKS}]"
_FOREIGN = f"(?:[\u00c4-\u00df]{_NEXT}|[\u00e0-\u00ef]{_NEXT}{{2}}|[\u00f0-\u00f4]{_NEXT}{{3}})"
_QUOTES = "“”‘’–—…•™†‡"
_SMALL = "a-zœšž\u00df-\u00f6\u00f8-\u00ff"
_CAPITAL = "A-ZŒŠŽŸ\u00c0-\u00d6\u00d8-\u00de"
_UNMISTAKABLE = "".join(each for each in _HIGH if each not in _QUOTES)
_CERTAIN: tuple[str, ...] = (
    # Quotation marks, dashes and signs: â€™ â„¢ â‚¬ âˆ’ âœ“.
    f"â[€‚„ˆœ]{_NEXT}",
    f"â[–—][\x80-\x9f{_MARKS}]",
    # Emoji.
    f"ð(?:Ÿ){_NEXT}{{2}}",
    # A small letter within a word in small letters: CafÃ©, Ã©tat.
    f"(?<=[{_SMALL}])Ã[{_MARKS}]",
    f"Ã[{_MARKS}](?=[{_SMALL}])",
    # A capital letter within a word in capitals: CAFÃ‰, ESPAÃ‘A, ADMINISTRACIÃ“N.
    f"(?<=[{_CAPITAL}])Ã[{re.escape(_UNMISTAKABLE)}]",
    f"Ã[{re.escape(_UNMISTAKABLE)}](?=[{_CAPITAL}])",
    f"(?<=[{_CAPITAL}])Ã[‘“”†‡](?=[{_CAPITAL}])",
    # A sign that does not follow a capital letter: 25Â°C, Â£5, a no-break space.
    f"(?<![{_CAPITAL}])Â[{_MARKS}]",
    # Two Chinese characters, or three letters of another alphabet.
    f"(?:[\u00e0-\u00ef]{_NEXT}{{2}}){{2,}}{_FOREIGN}*",
    f"(?=(?:[\u00c4-\u00df]{_NEXT}){{0,2}}[\u00c4-\u00df][{_MARKS}])"
    f"(?:[\u00c4-\u00df]{_NEXT}){{3,}}{_FOREIGN}*",
)
_MISREAD = re.compile("|".join(_CERTAIN))
_FIRST = re.compile("[\u00c2-\u00f4][\u0080-\uffff]")


def mended(text: str) -> str:
    """Return a text with its certainly misread characters repaired; other text is unchanged."""
    if text.isascii() or not _FIRST.search(text):
        return text
    for _ in range(MOST_DECODINGS):
        before, text = text, _MISREAD.sub(_decoded_again, text)
        if text == before:
            break
    return text


def _decoded_again(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[ord(each)] for each in found.group()).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return found.group()
