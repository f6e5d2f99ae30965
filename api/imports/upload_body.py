"""Body of an upload: a file alone, or a form with decisions and a file.

The form (`multipart/form-data`) has the part `decisions`, JSON, before the part `file`. It is read
in pieces: only the decisions are ever whole in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.imports.decisions import ImportDecisions
from roost.errors import Invalid, TooLarge, at_field, invalid_field
from roost.events.common import Model
from roost.events.envelope import invalid

FORM = "multipart/form-data"
FILE, DECISIONS = "file", "decisions"
MOST_DECISION_BYTES = 5_000_000


class UploadBody:
    """File that a request sends, with its content type, and the decisions sent along."""

    def __init__(self, stream: AsyncIterator[bytes], content_type: str) -> None:
        self._stream = stream
        self.content_type = content_type
        """Content type of the file; that of the whole body until the decisions are read."""
        self._form: _Form | None = None

    async def read_decisions(self) -> ImportDecisions:
        """Read up to the file, and return the decisions before it.

        Raises Invalid for a form that cannot be read, and TooLarge.
        """
        if not self.content_type.lower().startswith(FORM):
            return ImportDecisions()
        self._form = _Form(self._stream, self.content_type)
        text = b""
        name, self.content_type = await self._form.part()
        if name == DECISIONS:
            async for piece in self._form.data():
                text += piece
                if len(text) > MOST_DECISION_BYTES:
                    raise at_field(TooLarge, DECISIONS, "split the file", "请拆分文件")
            name, self.content_type = await self._form.part()
        if name != FILE:
            raise invalid_field(
                "(body)", "send the parts `decisions` and `file`", "请依次发送 decisions 和 file"
            )
        return _decisions(text) if text else ImportDecisions()

    def pieces(self) -> AsyncIterator[bytes]:
        """Return the file in pieces."""
        return self._stream if self._form is None else self._form.data()


class _Sent(Model):
    """Decisions under the name of their part, by which faults name them."""

    decisions: ImportDecisions


def _decisions(text: bytes) -> ImportDecisions:
    try:
        return _Sent.model_validate_json(b'{"decisions":' + text + b"}").decisions
    except ValidationError as error:
        raise invalid(error) from None


class _Form:
    """Parts of a form, one after the other, as the body arrives."""

    def __init__(self, stream: AsyncIterator[bytes], content_type: str) -> None:
        self._stream = stream
        _, options = parse_options_header(content_type)
        self._found: deque[tuple[str, bytes]] = deque()
        try:
            self._parser = MultipartParser(options.get(b"boundary", b""), self._callbacks())
        except FormParserError:
            raise _unreadable() from None
        if not options.get(b"boundary"):
            raise _unreadable()

    async def part(self) -> tuple[str, str]:
        """Return the name and the content type of the next part."""
        headers: dict[str, bytes] = {}
        name = b""
        while (found := await self._next())[0] != "headers":
            if found[0] == "field":
                name += found[1]
            elif found[0] == "value":
                field = name.decode("latin-1").lower()
                headers[field] = headers.get(field, b"") + found[1]
            elif found[0] == "header":
                name = b""
        _, options = parse_options_header(headers.get("content-disposition", b""))
        kind = headers.get("content-type", b"application/octet-stream")
        return options.get(b"name", b"").decode("utf-8", "replace"), kind.decode("latin-1")

    async def data(self) -> AsyncIterator[bytes]:
        """Yield the content of the current part."""
        while (found := await self._next())[0] != "end":
            yield found[1]

    async def _next(self) -> tuple[str, bytes]:
        """Return what the parser finds next. Raises Invalid at the end of the body."""
        while not self._found:
            piece = await anext(self._stream, None)
            if piece is None:
                raise _unreadable()
            try:
                self._parser.write(piece)
            except FormParserError:
                raise _unreadable() from None
        return self._found.popleft()

    def _callbacks(self) -> Any:
        def take(kind: str) -> Callable[[bytes, int, int], None]:
            return lambda data, start, end: self._found.append((kind, data[start:end]))

        def note(kind: str) -> Callable[[], None]:
            return lambda: self._found.append((kind, b""))

        return {
            "on_header_field": take("field"),
            "on_header_value": take("value"),
            "on_header_end": note("header"),
            "on_headers_finished": note("headers"),
            "on_part_data": take("data"),
            "on_part_end": note("end"),
        }


def _unreadable() -> Invalid:
    return Invalid(
        "(body): the form is incomplete, or is no multipart/form-data with a boundary",
        "表单不完整，或不是带 boundary 的 multipart/form-data",
    )
