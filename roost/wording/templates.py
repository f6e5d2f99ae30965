"""Templates of notifications: the sole importer of Jinja2 here, whose errors it translates.

A county can put its own `<language>/<kind>.txt.j2` into a folder; ours serve for the rest.
Templates run in a sandbox, and an unknown name is an error, never an empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from roost.errors import Invalid
from roost.events.notification import NotificationKind

LANGUAGES = ("zh", "en")
DIGEST = "digest"
NAMES = (*(kind.value for kind in NotificationKind), DIGEST)
FAULTS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""Errors that an expression in a template can raise in addition to Jinja2's own."""


class BadTemplate(Invalid):
    """A county's template is faulty; messages parked because of it can be retried once fixed."""


def render(name: str, language: str, context: Mapping[str, Any], folder: Path | None) -> str:
    """Render a template. Raises BadTemplate, whose message never repeats the context."""
    path = path_of(name, language)
    try:
        return environment(folder).get_template(path).render(context).strip()
    except TemplateSyntaxError as error:
        raise _bad(error.name or path, f"line {error.lineno}: {error.message}") from error
    except TemplateError as error:
        raise _bad(path, str(error.message)) from error
    except FAULTS as error:
        raise _bad(path, type(error).__name__) from error


def source(name: str, language: str, folder: Path | None = None) -> str:
    """Return the source of a template, as a start for a county's own."""
    env = environment(folder)
    assert env.loader is not None
    return env.loader.get_source(env, path_of(name, language))[0]


@lru_cache(maxsize=8)
def environment(folder: Path | None) -> ImmutableSandboxedEnvironment:
    """Return the sandbox with a county's folder first.

    Raises BadTemplate if the folder does not exist, since its templates would silently be ignored.
    """
    loaders: list[BaseLoader] = [PackageLoader("roost", "data/templates")]
    if folder is not None:
        if not folder.is_dir():
            raise BadTemplate(
                f"The template folder {folder} does not exist.",
                f"没有模板文件夹 {folder}。",
            )
        loaders.insert(0, FileSystemLoader(folder))
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=False,  # plain text: a channel that sends HTML escapes it there
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def unknown(folder: Path) -> list[str]:
    """Return the files of a county's folder that belong to no message, e.g. misspelt names."""
    ours = {path_of(name, language) for name in NAMES for language in LANGUAGES}
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.j2"))
    return sorted(each for each in found if each not in ours)


def path_of(name: str, language: str) -> str:
    """Return the path of a template within its folder."""
    return f"{language}/{name}.txt.j2"


def _bad(path: str, why: str) -> BadTemplate:
    return BadTemplate(f"The template {path} cannot be used: {why}", f"模板 {path} 无法使用：{why}")
