"""Resources of the API: openings, workers, matches and imports, with their operations."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Generic

import httpx

from roost.events.common import Model
from roost.events.match import Match
from roost.events.opening import Opening, OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost_client.client_answers import Accepted, Import, Read, Value, read_of
from roost_client.sending import Sender

Content = Model | Mapping[str, Any]
"""Content of a request: a model, or plain values with the API's names."""


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

    def list(self, **asked: Any) -> Iterator[Read[Value]]:
        """Yield all objects that meet the filters, which have the API's names."""
        for each in self._sender.pages(self._path, asked):
            yield read_of(self._kind, each)


class Openings(Reading[Opening]):
    """Openings."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/openings", Opening)

    def post(
        self, content: OpeningContent | Content, *, key: str | None = None, wait_s: float = 0
    ) -> Accepted:
        """Post an opening; with `wait_s`, wait up to that many seconds until searches find it."""
        return accepted(
            self._sender.send("POST", self._path, json=plain(content), key=key, wait_s=wait_s)
        )

    def edit(self, of: Read[Opening], changes: Mapping[str, Any], *, wait_s: float = 0) -> Accepted:
        """Change fields of an opening. Raises Outdated if it has changed since it was read."""
        path = f"{self._path}/{of.value.id}"
        return accepted(self._sender.send("PATCH", path, json=changes, tag=of.tag, wait_s=wait_s))

    def set_status(self, id: str, verb: str, *, wait_s: float = 0) -> Accepted:
        """Set the status of an opening; the verb is `close`, `pause`, `fill` or `reopen`."""
        return accepted(self._sender.send("POST", f"{self._path}/{id}/{verb}", wait_s=wait_s))

    def matches(self, id: str, **asked: Any) -> Iterator[Read[Match]]:
        """Yield the matches of an opening, best first.

        An employer's key sees fewer fields, so use `Roost.ask` with it.
        """
        for each in self._sender.pages(f"{self._path}/{id}/matches", asked):
            yield read_of(Match, each)


class Profiles(Reading[Profile]):
    """Profiles of workers."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/profiles", Profile)

    def put(
        self, content: ProfileContent | Content, *, key: str | None = None, wait_s: float = 0
    ) -> Accepted:
        """Register a worker, or replace the profile of an existing one, by `identifier`."""
        return accepted(
            self._sender.send("POST", self._path, json=plain(content), key=key, wait_s=wait_s)
        )

    def erase(self, id: str, *, wait_s: float = 0) -> Accepted:
        """Erase a worker."""
        return accepted(self._sender.send("DELETE", f"{self._path}/{id}", wait_s=wait_s))


class Matches(Reading[Match]):
    """Matches."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, "/v1/matches", Match)

    def act(
        self, id: str, kind: str, *, reason: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Record an action such as `claim`, `contact` or `refer`.

        The queue stage decides its effect, so read the match afterwards.
        """
        body = {} if reason is None else {"reason": reason}
        path = f"{self._path}/{id}/{kind}"
        return dict(self._sender.send("POST", path, json=body, key=key).json())


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
        dry_run: bool = False,
        key: str | None = None,
    ) -> Import:
        """Send a file: JSON lines (`application/x-ndjson`) or CSV (`text/csv`)."""
        # read completely, so that it can be retried
        body = content if isinstance(content, bytes) else content.read()
        asked = {"dryRun": str(dry_run).lower()} | ({"mapping": mapping} if mapping else {})
        headers = {"content-type": content_type}
        answer = self._sender.send(
            "POST", "/v1/imports", content=body, params=asked, headers=headers, key=key
        )
        return Import.from_stored(answer.json())

    def get(self, id: str) -> Import:
        """Return the current state of an import. Raises NotFound."""
        return Import.from_stored(self._sender.send("GET", f"/v1/imports/{id}").json())

    def finished(self, id: str, *, within_s: float = 600, look_s: float = 0.5) -> Import:
        """Wait for the end of an import, polling every `look_s` seconds. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not (found := self.get(id)).state.over:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The import {id} has not ended within {within_s} s")
            time.sleep(look_s)
        return found

    def errors(self, id: str) -> Iterator[dict[str, Any]]:
        """Yield the refused rows of an import."""
        return self._sender.pages(f"/v1/imports/{id}/errors", {})


def accepted(answer: httpx.Response) -> Accepted:
    """Return the acknowledged write in an answer."""
    replayed = "idempotent-replayed" in answer.headers
    return Accepted.from_stored({**answer.json(), "replayed": replayed})


def plain(content: Content) -> Any:
    """Return a request's content as plain values."""
    return content.to_dict() if isinstance(content, Model) else dict(content)
