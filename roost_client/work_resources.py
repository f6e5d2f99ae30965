"""Work of staff and employers around openings: notes, moderation, responsibility, interviews."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from roost_client.resource_models import Accepted, CandidateRequest, Note, Responsible, Slot
from roost_client.resources import Content, Read, accepted, plain, read_of
from roost_client.sending import Sender


class Notes:
    """Notes of staff on workers, matches, openings and employers."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def of(self, about: str, id: str) -> Iterator[Read[Note]]:
        """Yield the notes on an object, newest first; `about` as in `write`."""
        for each in self._sender.pages(f"/v1/{about}/{id}/notes", {}):
            yield read_of(Note, each)

    def write(
        self, about: str, id: str, text: str, *, key: str | None = None, wait_s: float = 0
    ) -> Accepted:
        """Write a note on an object; `about` is `profiles`, `matches`, `openings`, `employers`."""
        path = f"/v1/{about}/{id}/notes"
        return accepted(
            self._sender.send("POST", path, json={"text": text}, key=key, wait_s=wait_s)
        )

    def get(self, id: str) -> Read[Note]:
        """Return one note. Raises NotFound."""
        answer = self._sender.send("GET", f"/v1/notes/{id}")
        return read_of(Note, answer.json(), answer.headers.get("etag"))

    def edit(self, of: Read[Note], text: str, *, wait_s: float = 0) -> Accepted:
        """Replace the text of a note. Raises Outdated if it has changed since it was read."""
        path, content = f"/v1/notes/{of.value.id}", {"text": text}
        return accepted(self._sender.send("PUT", path, json=content, tag=of.tag, wait_s=wait_s))

    def remove(self, id: str, *, wait_s: float = 0) -> Accepted:
        """Remove the text of a note; its author and times stay."""
        return accepted(self._sender.send("DELETE", f"/v1/notes/{id}", wait_s=wait_s))


class OpeningWork:
    """Moderation of one opening, its responsible station, request for candidates and slots."""

    def __init__(self, sender: Sender, opening: str) -> None:
        self._sender = sender
        self._path = f"/v1/openings/{opening}"

    def responsible(self) -> Responsible:
        """Return the station that serves the workplace; a match names its clerk itself."""
        answer = self._sender.send("GET", f"{self._path}/responsible").json()
        return Responsible.model_validate(answer)

    def approve(self, *, tag: str | None = None, wait_s: float = 0) -> Accepted:
        """Approve an opening that waits for it, at the version that `tag` names."""
        return accepted(self._sender.send("POST", f"{self._path}/approve", tag=tag, wait_s=wait_s))

    def refuse(
        self,
        reasons: Collection[str],
        text: str = "",
        *,
        tag: str | None = None,
        confirm_ends: int = 0,
        wait_s: float = 0,
    ) -> Accepted:
        """Refuse an opening or take it down, with reasons such as `duplicate`.

        To end the progress of people needs `confirm_ends`, as for an opening's status.
        """
        ends = f"?confirmEnds={confirm_ends}" if confirm_ends else ""
        path, content = f"{self._path}/refuse{ends}", {"reasons": list(reasons), "text": text}
        return accepted(self._sender.send("POST", path, json=content, tag=tag, wait_s=wait_s))

    def appeal(self, text: str, *, wait_s: float = 0) -> Accepted:
        """Object to the refusal of an opening, once."""
        path = f"{self._path}/appeal"
        return accepted(self._sender.send("POST", path, json={"text": text}, wait_s=wait_s))

    def request(self) -> Read[CandidateRequest]:
        """Return the newest request for candidates. Raises NotFound."""
        answer = self._sender.send("GET", f"{self._path}/candidate-request")
        return read_of(CandidateRequest, answer.json(), answer.headers.get("etag"))

    def ask_candidates(self, content: Content, *, wait_s: float = 0) -> Accepted:
        """Ask the station for candidates: `wanted`, `neededBy` and a `note`."""
        path = f"{self._path}/candidate-request"
        return accepted(self._sender.send("POST", path, json=plain(content), wait_s=wait_s))

    def answer_request(
        self, content: Content, *, of: Read[CandidateRequest] | None = None, wait_s: float = 0
    ) -> Accepted:
        """Accept a request with `candidatesOn`, or decline it with `declinedBecause`."""
        path, tag = f"{self._path}/candidate-request/answer", of.tag if of else None
        return accepted(
            self._sender.send("POST", path, json=plain(content), tag=tag, wait_s=wait_s)
        )

    def withdraw_request(self, *, wait_s: float = 0) -> Accepted:
        """Withdraw the request for candidates; its note is erased."""
        path = f"{self._path}/candidate-request"
        return accepted(self._sender.send("DELETE", path, wait_s=wait_s))

    def slots(self) -> list[Slot]:
        """Return the interview slots from yesterday on, the earliest first."""
        answer = self._sender.send("GET", f"{self._path}/slots").json()
        return [Slot.model_validate(each) for each in answer["items"]]

    def offer_slot(
        self, content: Content, *, key: str | None = None, wait_s: float = 0
    ) -> Accepted:
        """Offer an interview slot; a match chooses it with the action `book` and its `slotId`."""
        path = f"{self._path}/slots"
        return accepted(
            self._sender.send("POST", path, json=plain(content), key=key, wait_s=wait_s)
        )


class InterviewSlots:
    """Interview slots by their id."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get(self, id: str) -> Read[Slot]:
        """Return one slot. Raises NotFound."""
        answer = self._sender.send("GET", f"/v1/slots/{id}")
        return read_of(Slot, answer.json(), answer.headers.get("etag"))

    def edit(self, of: Read[Slot], content: Content, *, wait_s: float = 0) -> Accepted:
        """Replace a slot. Raises Outdated; everybody who has chosen it is notified of a move."""
        path = f"/v1/slots/{of.value.id}"
        return accepted(
            self._sender.send("PUT", path, json=plain(content), tag=of.tag, wait_s=wait_s)
        )

    def cancel(self, id: str, *, wait_s: float = 0) -> Accepted:
        """Cancel a slot; everybody who has chosen it is notified."""
        return accepted(self._sender.send("DELETE", f"/v1/slots/{id}", wait_s=wait_s))
