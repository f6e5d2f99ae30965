"""The client: one connection pool, and the resources of the API."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Any

import httpx

from roost_client.change_stream import events_of
from roost_client.client_errors import ChangesMissed
from roost_client.people_resources import Conversations, EmployerContact
from roost_client.resource_models import Changed
from roost_client.resources import Imports, Inbox, Matches, Openings, Profiles, Webhooks
from roost_client.saved_search_resources import SavedSearches
from roost_client.sending import Sender
from roost_client.work_resources import InterviewSlots, Notes, OpeningWork


class Roost:
    """Client of one Roost, with an API key; thread-safe. Close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        language: str = "zh",
        timeout_s: float = 60.0,
        attempts: int = 8,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open a client; `attempts` and `timeout_s` (seconds) limit the retries of a request."""
        headers = {"authorization": f"Bearer {key}", "accept-language": language}
        http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s, transport=transport)
        self._sender = Sender(http, attempts, timeout_s)
        self.openings = Openings(self._sender)
        self.profiles = Profiles(self._sender)
        self.matches = Matches(self._sender)
        self.imports = Imports(self._sender)
        self.webhooks = Webhooks(self._sender)
        self.conversations = Conversations(self._sender)
        self.notes = Notes(self._sender)
        self.slots = InterviewSlots(self._sender)

    def __enter__(self) -> Roost:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sender.http.close()

    def now(self) -> str:
        """Return the current cursor of the change feed: only later changes follow it."""
        return str(self._sender.send("GET", "/v1/changes").json()["next"])

    def changes(self, since: str | None = None, types: Collection[str] = ()) -> Iterator[Changed]:
        """Yield every change from a cursor on, without end; reconnects without missing one.

        Raises ChangesMissed after an interruption that was too long for a replay.
        """
        chosen = {"types": ",".join(types)} if types else {}

        def request(at: str) -> tuple[dict[str, str], dict[str, str]]:
            return {"since": at, **chosen}, {}

        at = since or self.now()
        for event in events_of(self._sender, "/v1/changes/events", at, request):
            if event.event == "reload":
                raise ChangesMissed(event.id)
            if event.event == "change":
                change = Changed.model_validate_json(event.data)
                yield change.model_copy(update={"cursor": event.id})

    def inbox(self, owner: str) -> Inbox:
        """Return the inbox of a worker (`w-…`) or station (`s-…`)."""
        return Inbox(self._sender, owner)

    def saved_searches(self, worker: str) -> SavedSearches:
        """Return the saved searches of a worker (`w-…`)."""
        return SavedSearches(self._sender, worker)

    def contact(self, employer: str) -> EmployerContact:
        """Return the contact channels of an employer, by its id in its openings."""
        return EmployerContact(self._sender, employer)

    def work_on(self, opening: str) -> OpeningWork:
        """Return moderation, the responsible station and the interview slots of an opening."""
        return OpeningWork(self._sender, opening)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send any other request; return its JSON answer as plain values."""
        return self._sender.send(method, path, **options).json()
