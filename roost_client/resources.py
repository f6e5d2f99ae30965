"""Resources of the API with their operations."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from roost_client.change_stream import events_of
from roost_client.resource_models import (
    Accepted,
    Entry,
    Import,
    Match,
    Opening,
    Profile,
    Resource,
    Webhook,
)
from roost_client.sending import Sender

Content = Resource | Mapping[str, Any]
"""Content of a request: a resource with the fields to send, or plain values with API names."""
Value = TypeVar("Value", bound=Resource)
FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Read(Generic[Value]):
    """Object at a version; `tag` is its ETag, which an edit sends in `If-Match`."""

    value: Value
    version: int | None
    tag: str | None


class Reading(Generic[Value]):
    """Operations common to all resources: read one, list many."""

    def __init__(self, sender: Sender, path: str, kind: type[Value]) -> None:
        self._sender = sender
        self._path = path
        self._kind = kind

    def get(self, id: str) -> Read[Value]:
        """Return one object. Raises NotFound."""
        answer = self._sender.send("GET", f"{self._path}/{id}")
        return read_of(self._kind, answer.json(), answer.headers.get("etag"))

    def list(self, *, fields: Iterable[str] = (), **asked: Any) -> Iterator[Read[Value]]:
        """Yield all objects that meet the filters, page by page.

        Filters and `fields` have the API's names; with `fields`, the others are unset.
        """
        for each in self._sender.pages(self._path, asked | selection(fields)):
            yield read_of(self._kind, each)

    def _create(
        self, content: Content, key: str | None, wait_s: float, *, confirm_ends: int = 0
    ) -> Accepted:
        path = _confirming(self._path, confirm_ends)
        return accepted(
            self._sender.send("POST", path, json=plain(content), key=key, wait_s=wait_s)
        )

    def _edit(
        self, path: str, tag: str | None, changes: Mapping[str, Any], wait_s: float
    ) -> Accepted:
        return accepted(self._sender.send("PATCH", path, json=changes, tag=tag, wait_s=wait_s))


class Openings(Reading[Opening]):
    """Openings."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/openings", Opening)

    def post(
        self,
        content: Content,
        *,
        key: str | None = None,
        confirm_ends: int = 0,
        wait_s: float = 0,
    ) -> Accepted:
        """Post an opening; with `wait_s`, wait up to that many seconds until searches find it.

        One with the same reference is edited; `confirm_ends` is that of `set_status`.
        """
        return self._create(content, key, wait_s, confirm_ends=confirm_ends)

    def edit(
        self,
        of: Read[Opening],
        changes: Mapping[str, Any],
        *,
        confirm_ends: int = 0,
        wait_s: float = 0,
    ) -> Accepted:
        """Change fields of an opening. Raises Outdated if it has changed since it was read.

        If the change ends progress of people, `confirm_ends` is needed, as for `set_status`.
        """
        path = _confirming(f"{self._path}/{of.value.id}", confirm_ends)
        return self._edit(path, of.tag, changes, wait_s)

    def set_status(
        self, id: str, verb: str, *, confirm_ends: int = 0, wait_s: float = 0
    ) -> Accepted:
        """Set the status of an opening; the verb is `close`, `pause`, `fill` or `reopen`.

        To close or fill it ends the progress of people. Unless their number is at most
        `confirm_ends`, it is refused, and `inProgress` of the problem names the number.
        """
        path = _confirming(f"{self._path}/{id}/{verb}", confirm_ends)
        return accepted(self._sender.send("POST", path, wait_s=wait_s))

    def matches(
        self, id: str, *, fields: Iterable[str] = (), **asked: Any
    ) -> Iterator[Read[Match]]:
        """Yield the matches of an opening, best first.

        An employer's key sees the fields that each worker agreed to share.
        """
        for each in self._sender.pages(f"{self._path}/{id}/matches", asked | selection(fields)):
            yield read_of(Match, each)


class Profiles(Reading[Profile]):
    """Profiles of workers."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/profiles", Profile)

    def put(
        self,
        content: Content,
        *,
        key: str | None = None,
        confirm_ends: int = 0,
        wait_s: float = 0,
    ) -> Accepted:
        """Register a worker, or replace the profile of an existing one, by `identifier`.

        If an edit ends matches in progress, `confirm_ends` is needed, as for an opening's status.
        """
        return self._create(content, key, wait_s, confirm_ends=confirm_ends)

    def erase(self, id: str, *, confirm_ends: int = 0, wait_s: float = 0) -> Accepted:
        """Erase a worker; one in progress for openings needs `confirm_ends`."""
        path = _confirming(f"{self._path}/{id}", confirm_ends)
        return accepted(self._sender.send("DELETE", path, wait_s=wait_s))


class Matches(Reading[Match]):
    """Matches."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/matches", Match)

    def act(self, id: str, kind: str, *, key: str | None = None, **details: Any) -> dict[str, Any]:
        """Record an action such as `claim`, `contact` or `refer`, with details such as `reason`.

        The queue stage decides its effect, so read the match afterwards.
        """
        path = f"{self._path}/{id}/{kind}"
        return dict(self._sender.send("POST", path, json=details, key=key).json())


class Webhooks(Reading[Webhook]):
    """Webhooks; `roost_client.verified` verifies the messages that they send."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/webhooks", Webhook)

    def register(self, content: Content, *, key: str | None = None, wait_s: float = 0) -> Accepted:
        """Register a webhook; the answer's `secret` is shown only once, so store it."""
        return self._create(content, key, wait_s)

    def edit(self, of: Read[Webhook], changes: Mapping[str, Any], *, wait_s: float = 0) -> Accepted:
        """Change fields of a webhook. Raises Outdated if it has changed since it was read."""
        return self._edit(f"{self._path}/{of.value.id}", of.tag, changes, wait_s)

    def rotate(self, id: str, *, key: str | None = None) -> Accepted:
        """Give a webhook a new secret, in the answer; for a day both secrets sign."""
        return accepted(self._sender.send("POST", f"{self._path}/{id}/rotate", key=key))

    def remove(self, id: str, *, wait_s: float = 0) -> Accepted:
        """Remove a webhook; nothing more is sent to it."""
        return accepted(self._sender.send("DELETE", f"{self._path}/{id}", wait_s=wait_s))


class Inbox:
    """Inbox of a worker (id `w-…`) or station (id `s-…`)."""

    def __init__(self, sender: Sender, owner: str) -> None:
        self._sender = sender
        whose = "stations" if owner.startswith("s-") else "profiles"
        self._path = f"/v1/{whose}/{owner}/inbox"

    def list(self, *, unread: bool = False, language: str | None = None) -> Iterator[Entry]:
        """Yield the entries, newest first."""
        asked = {"unread": str(unread).lower(), "language": language}
        for each in self._sender.pages(self._path, asked):
            yield Entry.model_validate(each)

    def follow(self, since: str = "") -> Iterator[Entry]:
        """Yield each new entry without end; reconnects without missing one."""

        def request(at: str) -> tuple[dict[str, str], dict[str, str]]:
            return {}, {"last-event-id": at} if at else {}

        for event in events_of(self._sender, f"{self._path}/events", since, request):
            if event.event == "entry":
                yield Entry.model_validate_json(event.data)

    def mark(self, id: str, kind: str = "read", *, wait_s: float = 0) -> None:
        """Mark an entry as `read` or `answered`."""
        self._sender.send("POST", f"{self._path}/{id}/{kind}", wait_s=wait_s)

    def mark_all_read(self, *, wait_s: float = 0) -> int:
        """Mark the whole inbox as read; return the number of entries that were unread."""
        return int(self._sender.send("POST", f"{self._path}/read", wait_s=wait_s).json()["read"])


class Imports:
    """Bulk imports."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def send(
        self,
        content: bytes | BinaryIO,
        content_type: str,
        *,
        mapping: str | None = None,
        encoding: str | None = None,
        near: str | None = None,
        kind: str = "openings",
        day_orders: Mapping[str, str] | None = None,
        decisions: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        key: str | None = None,
    ) -> Import:
        """Send a file: a spreadsheet, CSV (`text/csv`) or JSON lines (`application/x-ndjson`).

        `near` is a place nearby, which decides between places of one name. `kind` is `openings` or
        `profiles`. `day_orders` are the orders of columns of days such as 1/5/2026, `day-first` or
        `month-first`. `decisions` answers the questions of an earlier import of the file: lists of
        `people`, `employers` and `places` as in the API, by the candidates in `errors`.
        """
        # read completely, so that it can be retried
        body = content if isinstance(content, bytes) else content.read()
        asked: dict[str, Any] = {"dryRun": str(dry_run).lower(), "kind": kind}
        asked |= {"mapping": mapping} if mapping else {}
        asked |= {"encoding": encoding} if encoding else {}
        asked |= {"near": near} if near else {}
        asked |= {"dayOrder": [f"{name}={each}" for name, each in (day_orders or {}).items()]}
        if decisions is not None:
            body, content_type = form_of(decisions, body, content_type)
        headers = {"content-type": content_type}
        answer = self._sender.send(
            "POST", "/v1/imports", content=body, params=asked, headers=headers, key=key
        )
        return Import.model_validate(answer.json())

    def get(self, id: str) -> Import:
        """Return the current state of an import. Raises NotFound."""
        return Import.model_validate(self._sender.send("GET", f"/v1/imports/{id}").json())

    def finished(self, id: str, *, within_s: float = 600, look_s: float = 0.5) -> Import:
        """Wait for the end of an import, polling every `look_s` seconds. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not (found := self.get(id)).over:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The import {id} has not ended within {within_s} s")
            time.sleep(look_s)
        return found

    def list(self) -> Iterator[Import]:
        """Yield the imports of the last days, newest first."""
        for each in self._sender.send("GET", "/v1/imports").json()["items"]:
            yield Import.model_validate(each)

    def errors(self, id: str) -> Iterator[dict[str, Any]]:
        """Yield the refused rows of an import."""
        return self._sender.pages(f"/v1/imports/{id}/errors", {})


def form_of(decisions: Mapping[str, Any], file: bytes, content_type: str) -> tuple[bytes, str]:
    """Return a form of decisions and a file, and its content type."""
    text = json.dumps(decisions, ensure_ascii=False).encode()
    boundary = f"roost-{hashlib.sha256(text + file).hexdigest()}"
    parts = (("decisions", "application/json", text), ("file", content_type, file))
    lines = [
        line
        for name, kind, content in parts
        for line in (
            f"--{boundary}".encode(),
            f'Content-Disposition: form-data; name="{name}"'.encode(),
            f"Content-Type: {kind}".encode(),
            b"",
            content,
        )
    ]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""]), f"{FORM}; boundary={boundary}"


def _confirming(path: str, number: int) -> str:
    """Return the path with the number of people whose progress may end."""
    return f"{path}?confirmEnds={number}" if number else path


def read_of(kind: type[Value], answer: Mapping[str, Any], tag: str | None = None) -> Read[Value]:
    """Return an object from an answer, with its version and ETag if the answer has them."""
    fact = {name: value for name, value in answer.items() if name != "version"}
    version = int(answer["version"]) if "version" in answer else None
    own_tag = f'"{version}"' if version is not None else None
    return Read(kind.model_validate(fact), version, tag or own_tag)


def selection(fields: Iterable[str]) -> dict[str, str]:
    """Return the query that asks for these fields only; none for all."""
    chosen = ",".join(fields)
    return {"fields": chosen} if chosen else {}


def accepted(answer: httpx.Response) -> Accepted:
    """Return the acknowledged write in an answer."""
    replayed = "idempotent-replayed" in answer.headers
    return Accepted.model_validate({**answer.json(), "replayed": replayed})


def plain(content: Content) -> Any:
    """Return a request's content as plain values: of a resource, the fields that are set."""
    if isinstance(content, Resource):
        return content.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return dict(content)
