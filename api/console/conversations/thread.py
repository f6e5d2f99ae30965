"""Thread of a conversation with its form: the same on the staff's page and on the worker's own."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import Request, Response

from api.access.principal import Principal
from api.console.shell.form_answers import WAIT_S, redirect_done, refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import next_page, page, wants_part
from api.conversations import service as conversations
from api.conversations.schemas import NewMessage
from api.ports.services import Services
from api.writes.publishing import Written, all_searchable_within, searchable_within
from roost.errors import RoostError

LAYOUT = Layout(texts=("text", "through", "seed"))
AT_ONCE = 30
VIEW_BEHIND_S = 5.0
"""Live updates start this long ago, for messages that the page does not show yet."""
PART = "conversations/thread.html"


async def show_thread(
    request: Request,
    given: Services,
    who: Principal,
    id: str,
    template: str,
    *,
    form: Form | None = None,
    status: int = 200,
    cursor: str | None = None,
    text: str = "",
    **values: Any,
) -> Response:
    """Show a page of a worker's conversation, newest last, or its part. Raises NotFound.

    `template` is the whole page; an open page asks for its part when a message has come.
    `text` is the beginning of an answer.
    """
    part = wants_part(request) and form is None
    since = await given.live.position(VIEW_BEHIND_S)
    found = await conversations.read_conversation(
        given, who, id, limit=AT_ONCE, cursor=cursor, refresh=part
    )
    return page(
        request,
        PART if part else template,
        status=status,
        conversation=found,
        messages=list(reversed(found.items)),
        newest=found.items[0].id if found.items and cursor is None else "",
        older=next_page(request, found.next),
        name_of=given.identities.name_of,
        own=who.worker_id == id,
        since=since,
        form=form or Form({"seed": secrets.token_hex(16), "text": text}, {}),
        done=request.query_params.get("done"),
        **values,
    )


async def send_message(
    request: Request, given: Services, who: Principal, id: str, where: str
) -> Response | Form:
    """Write the message of a form, once for each form; return the form with its errors if any.

    Raises NotFound.
    """
    typed = LAYOUT.typed(await request.form())

    async def write() -> Written:
        wire = {name: typed[name] for name in ("text", "through") if typed[name]}
        content = checked(NewMessage, wire)
        seed = f"form {typed['seed']}" if typed["seed"] else secrets.token_hex(16)
        return await conversations.write_message(given, who, id, content, seed=seed)

    written = await catch_refusal(write())
    if isinstance(written, RoostError):
        return refilled_form(request, LAYOUT, typed, written)
    await searchable_within(given, written, WAIT_S)
    return redirect_done(where, "message_sent")


async def close_messages(
    request: Request, given: Services, who: Principal, id: str, where: str
) -> Response:
    """Close the messages that the page showed, without an answer. Raises NotFound."""
    through = (await request.form()).get("through")
    known = through if isinstance(through, str) and through else None
    closed = await conversations.close_messages(given, who, id, known)
    await all_searchable_within(given, closed, WAIT_S)
    return redirect_done(where, "message_closed")
