"""Auditing of requests: every change, every read of personal data, every refusal.

The entry is written when the response starts, so that no response leaves without one. Data that a
streamed response reads later is recorded before the part that shows it leaves.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.auditing_elastic import collect_workers
from api.guards.open_paths import is_sign_in
from api.guards.problem_responses import problem
from api.guards.reading_posts import SAFE, only_reads
from api.ports.services import AuditedItem, AuditTrail, SecurityEvent
from roost.errors import Transient
from roost.events.audit import MOST_OBJECTS, MOST_PERSONS, AuditEntry, SecurityEventKind, Touched
from roost.security.networks import network_of
from roost.security.random_bytes import random_bytes

FORBIDDEN, NOT_FOUND, FAILED = 403, 404, 500
REFUSED_WITH = "refused_with"
"""Name in the request's state of the status of a refusal that a page reports by a redirect."""
LONGEST_METHOD = 10
"""Longest method in an entry; a client may send any word as its method."""
UNRECORDED = frozenset({"/v1/sign-in/passkey/options", "/console/language"})
"""Routes without entries: a sign-in is a security event; options and a language change nothing."""
T = TypeVar("T")
_SAFE_ID = re.compile(r"^[\w.:-]{1,80}$")
_OWN_ID = re.compile(r"^[a-z]-[a-z2-7]{26}$")
_SECRET = {"token"}
"""Path parameters that are secrets themselves, and are never recorded."""


class AuditMiddleware:
    """Writes audit entries for a request, and refuses the response if they cannot be written."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with collect_workers() as workers:
            response = _AuditedResponse(scope, receive, send, workers)
            await self._app(scope, receive, response.send)


class _AuditedResponse:
    """One response on its way out: its messages pass once they have been audited."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, workers: set[str]) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._workers = workers
        self._recorded: set[str] = set()
        self._start: Message = {}
        self._refused = False

    async def send(self, message: Message) -> None:
        if self._refused:
            return
        begins = message["type"] == "http.response.start"
        if begins:
            self._start = message
        try:
            if begins or not self._workers <= self._recorded:
                await self._audit(begins)
        except Transient as error:
            if not begins:
                raise
            self._refused = True
            await problem(Request(self._scope), error)(self._scope, self._receive, self._send)
            return
        await self._send(message)

    async def _audit(self, begins: bool) -> None:
        route = getattr(self._scope.get("route"), "path", "")
        changes = begins and not only_reads(self._scope["method"], route)
        failed = self._start["status"] >= FAILED
        new = self._workers - self._recorded
        now = datetime.now(UTC)
        entries = list(entries_of(self._scope, self._start, new, now, begins=begins))
        if changes:
            entries += items_of(self._scope, entries)
        services = self._scope["app"].state.services
        event = security_event_of(self._scope, self._start) if begins else None
        if event is not None:
            services.security.note(event)
        if not entries:
            return
        trail: AuditTrail = services.trail
        self._recorded |= new
        for entry in entries:
            if failed:
                trail.note_failed(entry)
            elif not changes:
                await trail.note(entry)
        if changes and not failed:
            await asyncio.gather(*(trail.keep(entry) for entry in entries))


def entries_of(
    scope: Scope, start: Message, workers: Collection[str], at: datetime, *, begins: bool = True
) -> Iterable[AuditEntry]:
    """Yield the audit entries of a response; a read that shows no worker or contact has none.

    Together they name every worker and contact that was shown, and each the path's entities.
    """
    status, method = _status_of(scope, start), scope["method"]
    route = getattr(scope.get("route"), "path", None)
    if route is None:  # no route of ours matched: 404, 405
        return
    who = scope.get("state", {}).get("principal")
    if _is_unrecorded(route) or (who is None and 400 <= status < FAILED):
        return  # anonymous refusals are security events, which no flood can multiply
    shown = sorted(workers) if status < 400 else []
    contacts = [each for each in shown if each.startswith("e-")]
    persons = [each for each in shown if not each.startswith("e-")]
    if not (shown or (begins and (not only_reads(method, route) or status == FORBIDDEN))):
        return
    own = tuple(_touched(route, scope.get("path_params", {}), start))[: MOST_OBJECTS // 2]
    read = [Touched(kind="contacts", id=each) for each in contacts]
    groups = zip_longest(
        _groups(read, MOST_OBJECTS - len(own)), _groups(persons, MOST_PERSONS), fillvalue=()
    )
    for some_read, some_persons in groups:
        yield AuditEntry(
            id=new_id(),
            request_id=scope.get("state", {}).get("request_id", ""),
            who=who.id if who else None,
            role=who.role if who else None,
            method=method[:LONGEST_METHOD],
            route=route,
            objects=(*own, *some_read),
            persons=tuple(some_persons),
            status=status,
            at=at,
        )


def _status_of(scope: Scope, start: Message) -> int:
    """Return the status; for a redirect that reports a refusal, that of the refusal."""
    return int(scope.get("state", {}).get(REFUSED_WITH, start["status"]))


def _groups(values: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Yield the values in groups of at most `most`; an empty group if there are none."""
    for first in range(0, max(1, len(values)), most):
        yield values[first : first + most]


def items_of(scope: Scope, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Return an entry for each item of a batch, after the entries of the request itself."""
    items: Sequence[AuditedItem] = scope.get("state", {}).get("audited_items", ())
    if not items or not entries:
        return []
    return [
        entries[0].model_copy(
            update={
                "id": new_id(),
                "objects": (item.entity,),
                "persons": (item.worker_id,) if item.status < 400 else (),
                "status": item.status,
            }
        )
        for item in items
    ]


def _is_unrecorded(route: str) -> bool:
    return route in UNRECORDED or is_sign_in(route)


def security_event_of(scope: Scope, start: Message) -> SecurityEvent | None:
    """Return the security event of a response, if it is one.

    That is a refused write without a sign-in, and a read of an id that does not exist or is out of
    the caller's reach, by a caller whose reach is limited.
    """
    status, method = start["status"], scope["method"]
    route = getattr(scope.get("route"), "path", None)
    if route is None or _is_unrecorded(route) or not 400 <= status < FAILED:
        return None
    who = scope.get("state", {}).get("principal")
    objects = tuple(_touched(route, scope.get("path_params", {}), start))
    seen = {"method": method, "path": scope["path"], "status": status}
    network = network_of(str((scope.get("client") or ("",))[0]))
    if who is None:
        if method in SAFE:
            return None
        kind = SecurityEventKind.ANONYMOUS_REFUSED
        return SecurityEvent(kind=kind, cause=str(status), network=network, **seen)
    confined = who.station_ids or who.employer_id or who.worker_id
    if not (method in SAFE and status == NOT_FOUND and objects and confined):
        return None
    return SecurityEvent(
        kind=SecurityEventKind.OUT_OF_REACH,
        cause=objects[0].kind,
        network=network,
        who=who.id,
        role=who.role,
        objects=objects,
        **seen,
    )


def new_id() -> str:
    """Return a random id for an audit entry."""
    return f"t-{base64.b32encode(random_bytes(16)).decode('ascii').rstrip('=').lower()}"


def _touched(route: str, parameters: dict[str, Any], start: Message) -> Iterable[Touched]:
    """Yield the entities in the path, and the created one that the response names."""
    steps = route.strip("/").split("/")
    named = set()
    for before, step in zip(["", *steps], steps, strict=False):
        name = step.strip("{}").partition(":")[0]
        value = str(parameters.get(name, ""))
        if step.startswith("{") and name not in _SECRET and _SAFE_ID.match(value):
            named.add(value)
            yield Touched(kind=before, id=value)
    created = _location(start)
    if created is not None and created.id not in named:
        yield created


def _location(start: Message) -> Touched | None:
    """Return the entity of a `location` such as `/v1/openings/o-…` or that of its page."""
    for name, value in start.get("headers", ()):
        if name.lower() == b"location":
            parts = value.decode("latin-1").partition("?")[0].split("/")
            if len(parts) == 4 and parts[1] == "v1" and _SAFE_ID.match(parts[3]):
                return Touched(kind=parts[2], id=parts[3])
            if len(parts) > 3 and parts[1] == "console" and _OWN_ID.match(parts[-1]):
                return Touched(kind=parts[-2], id=parts[-1])
    return None
