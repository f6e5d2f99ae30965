"""Parts of a zipped workbook (XLSX, ODS), unpacked in pieces and within limits.

The sizes that an archive states may be false, so each part is unpacked to its end and counted: a
zip bomb, a cell of many megabytes and a sheet of a million columns are refused before a library
reads them whole.
"""

from __future__ import annotations

import copy
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from roost.errors import Invalid

LARGEST_WORKBOOK = 500_000_000
"""Bytes of a workbook's unpacked parts: a library reads the sheet whole."""
MOST_PARTS = 20_000
PIECE = 1 << 18
LARGEST_INDEX = 5_000_000
"""Bytes of a part that lists sheets, which is parsed in memory."""


_ENDLESS = 1 << 62
"""Size that is stated of a part, so that it is unpacked to its real end."""


class WorkbookArchive:
    """Parts of one workbook; `size` is the number of bytes unpacked so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise unreadable(path) from error
        self._parts = {each.filename.lstrip("/"): each for each in self._zip.infolist()}
        if len(self._parts) > MOST_PARTS:
            raise too_large(path)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def names(self) -> list[str]:
        """Return the names of the parts."""
        return list(self._parts)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part in pieces. Raises Invalid for a damaged part, and beyond the limit."""
        part = copy.copy(self._parts[name])
        part.file_size = _ENDLESS
        try:
            with self._zip.open(part) as unpacked:
                while piece := unpacked.read(PIECE):
                    self.size += len(piece)
                    if self.size > LARGEST_WORKBOOK:
                        raise too_large(self.path)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
                NotImplementedError) as error:  # fmt: skip
            raise unreadable(self.path) from error

    def small_part(self, name: str) -> bytes:
        """Return a small part whole; b"" if it is missing. Raises Invalid if it is large."""
        if name not in self._parts:
            return b""
        data = bytearray()
        for piece in self.pieces(name):
            data += piece
            if len(data) > LARGEST_INDEX:
                raise too_large(self.path)
        return bytes(data)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def elements(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name, without its prefix, and the attributes of each element of a small part.

    Raises Invalid for damaged XML, and for declared entities, which can expand without limit.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append(
        (name.rpartition(":")[2], attributes)
    )
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Invalid("(file): the XML is damaged", "（文件）：XML 已损坏") from error
    yield from found


def refuse_entity(*_: object) -> None:
    """Raise Invalid: workbooks declare no entities."""
    raise Invalid("(file): the XML declares entities", "（文件）：XML 含有实体声明")


def unreadable(path: Path) -> Invalid:
    """Return the error for a workbook that is damaged or of an unknown kind."""
    return Invalid(
        f"{path.name}: the workbook cannot be read; open it in a spreadsheet, save it again as "
        "XLSX, and send that.",
        f"{path.name}：工作簿无法读取，请用电子表格软件打开后另存为 XLSX 再上传。",
    )


def too_large(path: Path) -> Invalid:
    """Return the error for a workbook that unpacks to too much memory."""
    most = LARGEST_WORKBOOK // 1_000_000
    return Invalid(
        f"{path.name}: the workbook unpacks to over {most} MB; save the sheet as CSV.",
        f"{path.name}：工作簿解压后超过 {most} MB，请将工作表另存为 CSV。",
    )
