"""Command `roost preview`: shows messages with invented facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def preview(
    kind: Annotated[
        str | None, typer.Argument(help="Kind of notification; without one, all are listed.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
    digest: Annotated[bool, typer.Option("--digest", help="Show a digest of several.")] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--templates", help="Folder of your own templates; all of them are checked."),
    ] = None,
) -> None:
    """Show the text of a notification with invented facts; without a kind, list all kinds.

    Examples:
        roost preview

        roost preview new_match

        roost preview interview_set --language en

        roost preview --digest

        roost preview new_match --templates ./our-templates
    """
    from roost.events.notification import NotificationKind
    from roost.wording import samples

    if language not in {"zh", "en"}:
        raise typer.BadParameter("write zh or en", param_hint="--language")
    if digest and kind is not None:
        raise typer.BadParameter("a digest has several kinds; leave KIND out", param_hint="KIND")
    kinds = [each.value for each in NotificationKind]
    if kind is not None and kind not in kinds:
        raise typer.BadParameter(f"write one of {', '.join(kinds)}", param_hint="KIND")
    if folder is not None:
        samples.check(folder)
    if digest:
        shown = samples.preview_digest(language, folder)
    elif kind is not None:
        shown = samples.preview(NotificationKind(kind), language, folder)
    else:
        for each in NotificationKind:
            title = samples.preview(each, language, folder).title
            typer.echo(f"{each.value:17} {title}")
        return
    typer.echo(f"{shown.title}\n\n{shown.body}")
