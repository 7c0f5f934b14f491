"""Markdown of a course as HTML. Formulas become MathML, which needs no script and no font; raw HTML stays text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grader.render.web.code import code_of
from grader.toolkit.text import visible


@dataclass(frozen=True)
class HeadedText:
    """The text below a heading, up to the next one. `level` is 0 for text without a heading; `words` are for a search."""

    level: int
    id: str
    title: Markup
    name: str  # the title as plain text
    html: Markup
    words: str


def headed_texts_of(text: str, taken: set[str]) -> list[HeadedText]:
    """The parts of a text by its headings; their ids are added to those that are `taken`."""
    tokens = _markdown().parse(visible(text))
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    found = [_headed_text(tokens[: starts[0] if starts else None], taken)]
    for first, end in pairwise([*starts, None]):
        found.append(_headed_text(tokens[first:end], taken))
    return [one for one in found if one.level or one.html.strip()]


def html_of(text: str) -> Markup:
    """A text without headings, such as that of a docstring."""
    return Markup(_markdown().render(visible(text)))


def inline_html_of(text: str) -> Markup:
    """A text without a paragraph around it."""
    return Markup(_markdown().renderInline(visible(text)))


def coloured(code: str) -> Markup:
    """Python code with colours, to stand in `<pre>`."""
    return Markup("\n").join(line.html for line in code_of(code.encode()).lines)


def formula(latex: str, is_block: bool) -> str:
    """A formula as MathML; as it is written if it cannot be converted."""
    try:
        return str(convert(latex, display="block" if is_block else "inline"))
    except Exception:  # the library raises many kinds
        return f"<code>{escape(latex)}</code>"


def _headed_text(tokens: Sequence[Token], taken: set[str]) -> HeadedText:
    words = " ".join(" ".join(_words(tokens)).split())
    if not tokens or tokens[0].type != "heading_open":
        return HeadedText(0, "", Markup(), "", _rendered(tokens), words)
    name = " ".join(" ".join(_words(tokens[1:2])).split())
    return HeadedText(
        int(tokens[0].tag[1:]), _free_id(name, taken), _rendered(tokens[1:2]), name, _rendered(tokens[3:]), words
    )


def _rendered(tokens: Sequence[Token]) -> Markup:
    markdown = _markdown()
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield from _words(token.children) if token.children else [token.content]


def _free_id(name: str, taken: set[str]) -> str:
    """An id that no other heading has. It begins with "text-", as no other id of a page does."""
    wanted = "text-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    free = wanted
    while free in taken:
        free = f"{wanted}-{len(taken)}"
    taken.add(free)
    return free


@cache
def _markdown() -> MarkdownIt:
    """The reader of markdown."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.use(dollarmath_plugin, allow_labels=False)
    for name, rule in _RULES.items():
        reader.add_render_rule(name, rule)
    return reader


def _fence(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return f'<div class="code scrolled"><pre>{coloured(tokens[place].content.rstrip())}</pre></div>\n'


def _unaligned(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """A cell of a table. Its alignment is a style, which the policy of our pages refuses."""
    style = tokens[place].attrs.pop("style", "")
    return f"<{tokens[place].tag}{' class=number' if 'right' in str(style) else ''}>"


_RULES = {
    "image": lambda self, tokens, place, options, env: escape(tokens[place].content),  # a page loads nothing
    "td_open": _unaligned,
    "th_open": _unaligned,
    "math_inline": lambda self, tokens, place, options, env: formula(tokens[place].content, False),
    "math_block": lambda self, tokens, place, options, env: (
        f'<div class="formula scrolled">{formula(tokens[place].content, True)}</div>\n'
    ),
    "fence": _fence,
    "table_open": lambda self, tokens, place, options, env: '<div class="scrolled"><table>\n',
    "table_close": lambda self, tokens, place, options, env: "</table></div>\n",
}
