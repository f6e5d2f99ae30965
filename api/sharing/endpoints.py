"""Endpoints behind the link of a question about sharing: show it, and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import HTMLResponse

from api.ports.services import Given
from api.sharing import question_page, service
from roost.contact import sharing_links
from roost.contact.sharing_links import Question

router = APIRouter(prefix="/v1", tags=["sharing"])
PAGE: Any = {"text/html": {"schema": {"type": "string"}}}
PAGES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Accepted; in force in a moment", "content": PAGE},
    404: {"description": "The link is incomplete, or closed", "content": {"text/html": {}}},
}


def _signed(token: Annotated[str, Path(max_length=120)], given: Given) -> Question:
    """Return the question of a signed link. Raises ClosedQuestion."""
    return sharing_links.question_of(given.key, token)


Signed = Annotated[Question, Depends(_signed)]


@router.get(
    "/sharing/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Show the question behind a link",
)
async def show_question(question: Signed, given: Given) -> HTMLResponse:
    """Show the question with its buttons; opening the link changes nothing.

    Mail scanners open every link. After an answer the page offers to change it.
    """
    return question_page.question_page(await service.find_question(given, question))


@router.post(
    "/sharing/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Answer the question behind a link",
)
async def answer_question(
    question: Signed, answer: Annotated[Literal["yes", "no"], Form()], given: Given
) -> HTMLResponse:
    """Record the answer; a no also revokes an earlier yes. Repeating it changes nothing."""
    agrees = answer == "yes"
    in_force = await service.answer_question(given, question, agrees=agrees)
    return question_page.answered_page(agrees=agrees, in_force=in_force)
