"""Encoding of a text file: byte order marks, validity of every byte, and plausibility of the text.

A file in no single plausible encoding is refused as a whole, with the option that names one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from producers.tables.text_plausibility import HIGH_RUN, SCORES, plausibility
from roost.errors import Invalid, invalid_field

CHUNK_BYTES = 1 << 20
SAMPLE_BYTES = 256_000
"""Bytes of lines with characters outside ASCII that are judged."""
PLAUSIBLE = 0.15
"""Least plausibility of the text; a text in another encoding reaches at most 0."""
MARGIN = 0.1
"""Least distance to the second encoding."""
SURE = 0.8
"""Plausibility from which on GB 18030 is preferred to Big5: a few common characters fit both."""
MARK = "\ufeff"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "hz": "hz", "big5": "big5hkscs"}
_CHOICES = (
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 gb18030 gbk gb2312 hz big5 big5hkscs cp950"
    " cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859-1 iso8859-2 iso8859-5"
    " iso8859-7 iso8859-9 iso8859-15 koi8-r mac-roman shift_jis cp932 euc_jp euc_kr cp949 tis-620"
    " cp437 cp850 cp866"
)
ENCODINGS = frozenset(codecs.lookup(name).name for name in _CHOICES.split())
"""Encodings that a caller may name, by Python's names."""
_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]"
)
_USUAL = re.compile(
    r"[\t\r\n\x20-\x7e\u00c0-\u024f\u0400-\u04ff\u2010-\u2026\u20a0-\u20bf\u3000-\u3011\u4e00-\u9fff\uff01-\uff5e]"
)


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding that a caller names. Raises Invalid."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if found not in ENCODINGS:
        raise invalid_field(
            "encoding",
            "is unknown; use for example utf-8, gb18030, big5, windows-1252 or utf-16",
            "未知编码，请使用 utf-8、gb18030、big5、windows-1252、utf-16 等",
        )
    return _SUPERSETS.get(found, found)


def encoding_of(path: Path, chosen: str | None = None) -> str:
    """Return the encoding of a text file: the chosen one if all bytes are valid, or the likely one.

    Raises Invalid, which names the first damaged line or asks for the encoding.
    """
    if chosen is not None:
        encoding = known_encoding(chosen)
        if (line := _damaged_line(path, encoding)) is not None:
            raise _damaged(path, encoding, line)
        return encoding
    with path.open("rb") as file:
        head = file.read(4_096)
    if (marked := _marked(head)) is not None:
        if (line := _damaged_line(path, marked)) is not None:
            raise _damaged(path, marked, line)
        return marked
    if b"\x00" in head:
        return _unmarked_utf16(path, head)
    survey = _Survey()
    for chunk in _chunks(path):
        survey.take(chunk)
    survey.end()
    return "utf-8" if survey.is_utf8 else _likely(path, bytes(survey.sample))


def without_marks(text: str) -> str:
    """Return a text without the byte order marks at its beginning: some programs write two."""
    return text.lstrip(MARK)


def _marked(head: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


@dataclass(slots=True)
class _Survey:
    """Validity of a file as UTF-8, and a sample of its lines with characters outside ASCII."""

    is_utf8: bool = True
    sample: bytearray = field(default_factory=bytearray)
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")()
    )

    def take(self, chunk: bytes) -> None:
        if self.is_utf8:
            self._decode(chunk, final=False)
        if len(self.sample) < SAMPLE_BYTES and not chunk.isascii():
            self._keep_lines(chunk)

    def end(self) -> None:
        if self.is_utf8:
            self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.is_utf8 = False

    def _keep_lines(self, chunk: bytes) -> None:
        """Keep whole lines: a chunk may begin or end inside a character."""
        first = chunk.find(b"\n") + 1 if self.sample else 0
        last = chunk.rfind(b"\n") + 1 or len(chunk)
        for line in chunk[first:last].splitlines(keepends=True):
            if not line.isascii():
                self.sample += line[: SAMPLE_BYTES - len(self.sample)]
                if len(self.sample) >= SAMPLE_BYTES:
                    return


def _likely(path: Path, sample: bytes) -> str:
    """Return the most plausible encoding of a text that is not UTF-8. Raises Invalid."""
    if _is_mostly_utf8(sample):
        raise _damaged(path, "utf-8", _damaged_line(path, "utf-8") or 1)
    ranked = sorted(SCORES, key=lambda each: plausibility(each, sample), reverse=True)
    best = ranked[0]
    scores = [plausibility(each, sample) for each in ranked]
    is_close = scores[0] - scores[1] < MARGIN
    if is_close and {*ranked[:2]} == {"gb18030", "big5hkscs"} and scores[1] > SURE:
        best, is_close = "gb18030", False
    if scores[0] < PLAUSIBLE or is_close:
        raise _unknown(path, sample)
    if (line := _damaged_line(path, best)) is not None:
        raise _damaged(path, best, line)
    return best


def _is_mostly_utf8(sample: bytes) -> bool:
    """Return whether most characters are UTF-8, so that only some bytes are damaged."""
    found = _UTF8.findall(sample)
    whole = sum(len(each) > 1 for each in found)
    return len(found) > 0 and whole >= 0.8 * len(found)


def _unmarked_utf16(path: Path, head: bytes) -> str:
    """Return the byte order of UTF-16 without a mark. Raises Invalid for another binary file."""
    even = head[: len(head) // 2 * 2]
    scores = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = even.decode(encoding, "replace")
        scores[encoding] = len(_USUAL.findall(text)) / max(1, len(text))
    best = max(scores, key=lambda each: scores[each])
    if scores[best] < 0.7:
        raise Invalid(
            f"{path.name}: this is not a text; send XLSX, XLS, ODS, CSV, TSV or JSON.",
            f"{path.name}：不是文本文件，请上传 XLSX、XLS、ODS、CSV、TSV 或 JSON。",
        )
    if (line := _damaged_line(path, best)) is not None:
        raise _damaged(path, best, line)
    return best


def _damaged_line(path: Path, encoding: str) -> int | None:
    """Return the number of the first line with bytes that are invalid; None if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk in _chunks(path):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            valid = bytes(error.object[: error.start])
            return line + valid.decode(encoding, "ignore").count("\n")
        line += text.count("\n")
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return line
    return None


_SHOWN = {"gb18030": "GB18030", "big5hkscs": "Big5", "cp1252": "Windows-1252", "utf-8": "UTF-8"}


def _damaged(path: Path, encoding: str, line: int) -> Invalid:
    shown = _SHOWN.get(encoding, encoding.upper())
    return Invalid(
        f"{path.name}: line {line} is damaged: the text looks like {shown} and some bytes are not; "
        "save the file as UTF-8, or name its encoding (--encoding).",
        f"{path.name}：第 {line} 行已损坏：文本看似 {shown}，但部分字节无效；请另存为 UTF-8，"
        "或指定编码（--encoding）。",
    )


def _unknown(path: Path, sample: bytes) -> Invalid:
    found = HIGH_RUN.search(sample)
    where = "" if found is None else sample[: found.start()].rsplit(b"\n", 1)[-1].decode("ascii")
    near, near_zh = (f" near {where[-30:]!r}", f"（“{where[-30:]}”附近）") if where else ("", "")
    return Invalid(
        f"{path.name}: the encoding of the text cannot be told{near}; save the file as UTF-8, or "
        "name its encoding (--encoding gb18030, big5, windows-1252 …).",
        f"{path.name}：无法判断文本编码{near_zh}；请另存为 UTF-8，"
        "或指定编码（--encoding gb18030、big5、windows-1252 等）。",
    )
