"""Shared parts of all pages: they clean and escape all text, and a policy forbids other scripts and styles."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from grader.toolkit.text import visible

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST = 20_000  # characters of any one text


def policy_of(style: str, scripts: Sequence[str]) -> str:
    """The Content Security Policy: a page loads nothing, and only scripts and styles with these hashes work."""

    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = " ".join(map(source, scripts))
    return (
        f"default-src 'none'; style-src {source(style)}; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def asset(*names: str) -> Markup:
    """Our files to put into a page unchanged, one after another."""
    return Markup("".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names))


@cache
def environment() -> jinja2.Environment:
    """Where templates come from; everything that they print is cleaned, then escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=clean,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def clean(value: Any) -> Any:
    """A printed value of a template: cleaned here, then escaped by Jinja, unless it is our own HTML."""
    if isinstance(value, Markup):
        return value
    text = visible(str(value).expandtabs(4))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST} more characters)"


def breakable(name: str) -> Markup:
    """A name that a narrow page may break behind an underscore."""
    return Markup("_<wbr>").join(clean(name).split("_"))


def prose(text: str) -> Markup:
    """Text with code between backticks."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner
        return escape(clean(text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))
