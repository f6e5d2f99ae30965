"""One message to the people of the selected matches: written, previewed, confirmed, sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from api.access.principal import Principal
from api.console.queue.filters import Filters
from api.console.shell.form_answers import refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, new_seed
from api.console.shell.plain import checked
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken, wants_part
from api.console.together.bulk_form import people_of
from api.conversations import many
from api.conversations.many import Recipients, Sent
from api.conversations.schemas import NewMessage
from api.ports.services import Services
from roost.errors import Invalid, RoostError
from roost.topics import PROFILES

LAYOUT = Layout(texts=("text", "seed"))


async def send_to_chosen(
    request: Request,
    given: Services,
    who: Principal,
    filters: Filters,
    matches: Sequence[str],
    sent: Mapping[str, str],
) -> Response:
    """Show the form, then the preview with the number of people; send once that is confirmed."""
    people = people_of(matches)
    values: dict[str, Any] = {"filters": filters, "matches": matches, "people": len(people)}
    if sent.get("step") is None or sent.get("step") == "edit":
        form = Form({"text": sent.get("text", ""), "seed": sent.get("seed") or new_seed()}, {})
        return _show(request, form, recipients=None, **values)
    try:
        content = checked(NewMessage, {"text": sent.get("text", "")})
    except Invalid as error:
        form = refilled_form(request, LAYOUT, dict(sent), error)
        return _show(request, form, recipients=None, status=422, **values)
    recipients = await many.recipients_among(given, who, people)
    if sent.get("step") != "send" or not recipients.reached:
        return _show(request, Form(sent, {}), recipients=recipients, **values)
    seed = f"many {sent.get('seed') or new_seed()}"
    written = await many.write_to_many(given, who, recipients.reached, content, seed=seed)
    request.state.audited_items = many.audited_messages(written)
    return await _outcome(request, given, filters, recipients, written)


def _show(
    request: Request, form: Form, *, recipients: Recipients | None, status: int = 200, **values: Any
) -> Response:
    in_dialog = wants_part(request)
    template = "together/bulk_message.html" if in_dialog else "together/bulk_message_page.html"
    values |= {"form": form, "recipients": recipients, "in_dialog": in_dialog}
    return page(request, template, status=status, **values)


async def _outcome(
    request: Request,
    given: Services,
    filters: Filters,
    recipients: Recipients,
    written: Sequence[Sent],
) -> Response:
    in_dialog = wants_part(request)
    failed = [each for each in written if each.error is not None]
    documents = await given.elastic.mget(
        [(PROFILES.name, each.worker_id) for each in failed], ("fact.name",)
    )
    names = {id: (found.get("fact") or {}).get("name", "") for (_, id), found in documents.items()}
    return page(
        request,
        "together/bulk_sent.html" if in_dialog else "together/bulk_sent_page.html",
        in_dialog=in_dialog,
        filters=filters,
        seed=new_seed(),
        recipients=recipients,
        count=len(written) - len(failed),
        failed=[(names.get(each.worker_id, ""), _text(request, each.error)) for each in failed],
    )


def _text(request: Request, error: RoostError | None) -> str:
    return refusal_text(error, spoken(request)) if error else ""
