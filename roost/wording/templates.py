"""Templates: the sole importer of Jinja2, whose errors it translates.

A county puts its own `<language>/<kind>.txt.j2` into a folder; what it does not put there is ours.
They run in a sandbox, and a name that does not exist is an error, never an empty place.
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
"""What an expression in a template can raise besides Jinja2's own errors."""


class BadTemplate(Invalid):
    """A template of a county cannot be used: what is parked for it can be retried once it can."""


def render(name: str, language: str, context: Mapping[str, Any], folder: Path | None) -> str:
    """Raises BadTemplate; its message repeats nothing of the context."""
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
    """The template itself, for whoever wants to write their own."""
    env = environment(folder)
    assert env.loader is not None
    return env.loader.get_source(env, path_of(name, language))[0]


@lru_cache(maxsize=8)
def environment(folder: Path | None) -> ImmutableSandboxedEnvironment:
    """Raises BadTemplate for a folder that is not there: its templates would be passed over."""
    loaders: list[BaseLoader] = [PackageLoader("roost", "data/templates")]
    if folder is not None:
        if not folder.is_dir():
            raise BadTemplate(
                f"There is no folder {folder} to take templates from.",
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
    """Files of a county's folder that stand for no message: a misspelt name is never used."""
    ours = {path_of(name, language) for name in NAMES for language in LANGUAGES}
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.j2"))
    return sorted(each for each in found if each not in ours)


def path_of(name: str, language: str) -> str:
    return f"{language}/{name}.txt.j2"


def _bad(path: str, why: str) -> BadTemplate:
    return BadTemplate(f"The template {path} cannot be used: {why}", f"模板 {path} 无法使用：{why}")
