"""Conversations with workers, and employers' contact channels."""

from __future__ import annotations

from collections.abc import Iterator

from roost_client.resource_models import (
    Accepted,
    Contact,
    ConversationState,
    EmployerStop,
    Message,
    SentCode,
    WaitingWorker,
)
from roost_client.resources import Content, Read, accepted, plain, read_of
from roost_client.sending import Sender


class Conversations:
    """Conversations of the caller's workers."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def waiting(self, *, limit: int = 50) -> list[WaitingWorker]:
        """Return the workers whose messages wait for a clerk, the longest waiting first."""
        answer = self._sender.send("GET", "/v1/conversations", params={"limit": limit}).json()
        return [WaitingWorker.model_validate(each) for each in answer["items"]]

    def of(self, worker: str) -> Conversation:
        """Return the conversation of a worker (`w-…`)."""
        return Conversation(self._sender, worker)


class Conversation:
    """Conversation between a worker and a station."""

    def __init__(self, sender: Sender, worker: str) -> None:
        self._sender = sender
        self._path = f"/v1/profiles/{worker}/conversation"

    def state(self) -> ConversationState:
        """Return the number of waiting messages, and the channels of an answer."""
        answer = self._sender.send("GET", self._path, params={"limit": 1}).json()
        shown = {name: value for name, value in answer.items() if name not in ("items", "next")}
        return ConversationState.model_validate(shown)

    def list(self) -> Iterator[Message]:
        """Yield the messages, newest first."""
        for each in self._sender.pages(self._path, {}):
            yield Message.model_validate(each)

    def write(
        self, text: str, *, through: str | None = None, key: str | None = None, wait_s: float = 0
    ) -> Accepted:
        """Write a message; a station's answers the open ones up to `through`, else all of them."""
        content = {"text": text} | ({"through": through} if through else {})
        return accepted(self._sender.send("POST", self._path, json=content, key=key, wait_s=wait_s))

    def close(self, *, through: str | None = None) -> int:
        """Close the open messages up to `through` without an answer; return their number."""
        content = {"through": through} if through else {}
        return int(self._sender.send("POST", f"{self._path}/close", json=content).json()["closed"])


class EmployerContact:
    """Contact channels of an employer, by the employer's id in its openings."""

    def __init__(self, sender: Sender, employer: str) -> None:
        self._sender = sender
        self._path = f"/v1/employers/{employer}/contact"

    def get(self) -> Read[Contact]:
        """Return the channels. Raises NotFound."""
        answer = self._sender.send("GET", self._path)
        return read_of(Contact, answer.json(), answer.headers.get("etag"))

    def put(
        self, content: Content, *, of: Read[Contact] | None = None, wait_s: float = 0
    ) -> Accepted:
        """Set the channels; with `of`, raises Outdated if they have changed since they were read.

        A new address receives nothing but its code until `confirm` repeats it.
        """
        tag = of.tag if of else None
        return accepted(
            self._sender.send("PUT", self._path, json=plain(content), tag=tag, wait_s=wait_s)
        )

    def erase(self, *, wait_s: float = 0) -> Accepted:
        """Erase the channels and the settings."""
        return accepted(self._sender.send("DELETE", self._path, wait_s=wait_s))

    def send_code(self, kind: str) -> SentCode:
        """Send a code to the unconfirmed address of a kind such as `email`."""
        answer = self._sender.send("POST", f"{self._path}/channels/{kind}/code")
        return SentCode.model_validate(answer.json())

    def confirm(self, kind: str, code: str, *, wait_s: float = 0) -> Accepted:
        """Confirm the unconfirmed address of a kind with the code that was sent to it."""
        path = f"{self._path}/channels/{kind}/confirm"
        return accepted(self._sender.send("POST", path, json={"code": code}, wait_s=wait_s))

    def stop_state(self) -> EmployerStop:
        """Return whether the employer has stopped all messages."""
        return EmployerStop.model_validate(self._sender.send("GET", f"{self._path}/stop").json())

    def stop(self, *, wait_s: float = 0) -> Accepted:
        """Stop all messages to the employer; the channels stay stored."""
        return accepted(self._sender.send("PUT", f"{self._path}/stop", wait_s=wait_s))

    def resume(self, *, wait_s: float = 0) -> Accepted:
        """Resume messages to the employer."""
        return accepted(self._sender.send("DELETE", f"{self._path}/stop", wait_s=wait_s))
