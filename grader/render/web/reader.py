"""A section as a page to read, and the course as a small site of these pages.

The text, the signatures and the docstrings are those of the course, as students get them. The pictures, predictions and
demos come from the student's functions. Pages fetch nothing, and also work as files.
"""

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jinja2
from markupsafe import Markup

from grader.figures.picture import figures_in
from grader.figures.play import plays_of
from grader.grading.report import ExerciseResult
from grader.kit.py_percent import split
from grader.kit.reset import handed_out
from grader.predictions import EXERCISE, is_table
from grader.render.web.html import asset, environment, policy_of
from grader.render.web.markdown import HeadedText, coloured, headed_texts_of, html_of, inline_html_of
from grader.render.web.page import GradedSection, NextStep, ShownPicture, next_step_of, template_functions
from grader.render.words import status_of
from grader.section import Section
from grader.submission.reflections import is_reflection
from grader.toolkit.names_used import first_line

INDEX = "index.html"
_PART = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Note|Source|Example[^:\n]*):(?: +|(?=\n)|$)(.*)")
_LISTS = ("Args", "Attributes", "Raises")
_ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*): +(.*)", re.DOTALL)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SearchEntry = tuple[str, str, str, str]  # page, id, heading and the text below it


@dataclass(frozen=True)
class DocPart:
    """A part of a docstring: a text, the entries of a list such as "Args", or code. All of it is HTML."""

    label: str = ""
    html: str = ""
    entries: Sequence[tuple[str, Markup]] = ()
    code: str = ""


@dataclass(frozen=True)
class Described:
    """A function or class: the text that a student reads before writing it. A class has `methods`."""

    name: str
    signature: Markup
    parts: Sequence[DocPart]
    methods: "Sequence[Described]" = ()
    docstring: str = ""


@dataclass(frozen=True)
class Given:
    """Code that students get, such as imports and helpers."""

    code: Markup
    names: tuple[str, ...]  # that it defines


@dataclass(frozen=True)
class Questions:
    """The place of the predictions."""


@dataclass(frozen=True)
class Demos:
    """The place of the demos."""


Piece = HeadedText | Described | Given | Questions | Demos


@dataclass(frozen=True)
class Chapter:
    """The text of a section, which is the same for every student."""

    section: Section

    @property
    def page(self) -> str:
        """The name of its page on the site."""
        return f"{self.section.id}.html"

    @cached_property
    def blocks(self) -> list[Piece]:
        return list(self._blocks())

    @property
    def headings(self) -> list[HeadedText]:
        """The contents of the page."""
        return [one for one in self.blocks if isinstance(one, HeadedText) and one.level == 2]

    @property
    def entries(self) -> Iterator[_SearchEntry]:
        """What the search finds."""
        for block in self.blocks:
            if isinstance(block, HeadedText):
                yield self.page, block.id, block.name or self.section.title, block.words
            elif isinstance(block, Described):
                words = [block.docstring, *(method.docstring for method in block.methods)]
                yield self.page, exercise_id(block.name), block.name, " ".join(" ".join(words).split())

    def _blocks(self) -> Iterator[Piece]:
        """The page from top to bottom. The demos stand before the reflection, else at the end."""
        taken, has_demos = set[str](), False
        for cell in split(handed_out(self.section)):
            if cell.kind == "markdown":
                if is_reflection(cell.text) and not has_demos:
                    has_demos = True
                    yield Demos()
                yield from _below_title(headed_texts_of(cell.text, taken))
            elif cell.kind == "code":
                yield from self._code(cell.text)
        if not has_demos:
            yield Demos()

    def _code(self, text: str) -> Iterator[Piece]:
        """The exercises of a cell, and the code between them."""
        given: list[ast.stmt] = []
        for node in ast.parse(text).body:
            is_exercise = isinstance(node, _Definition) and node.name in self.section.functions
            if not is_exercise and not is_table(node):
                given.append(node)
                continue
            yield from _given(given, text)
            given = []
            yield _described(node, text) if isinstance(node, _Definition) else Questions()
        yield from _given(given, text)


def exercise_id(name: str) -> str:
    """The id of an exercise on its page."""
    return f"exercise-{name}"


@dataclass(frozen=True)
class Neighbour:
    """A page of the site beside another one."""

    page: str
    title: str


class _Page:
    """A section laid out for the template."""

    def __init__(self, chapter: Chapter, graded: GradedSection) -> None:
        self.chapter, self.graded = chapter, graded
        self.report = graded.report.for_student()
        self.results: dict[str, ExerciseResult] = {one.name: one for one in self.report.exercises}

    @property
    def next(self) -> NextStep:
        return next_step_of(self.report, self.graded.words)

    @property
    def top(self) -> int:
        """The level of the headings of exercises."""
        return 3 if self.chapter.headings else 2

    def command(self, exercise: str) -> str:
        return f"grade {self.graded.words} {exercise}"

    def state(self, exercise: str) -> str:
        return status_of(self.results[exercise])

    @cached_property
    def pictures(self) -> Mapping[str, Sequence[ShownPicture]]:
        """The pictures below each exercise: the last of those that they are drawn from."""
        found: dict[str, list[ShownPicture]] = {}
        for picture in self.graded.pictures:
            found.setdefault(self._last(picture.exercises), []).append(picture)
        return found

    @cached_property
    def waiting(self) -> Mapping[str, int]:
        """How many pictures are missing below an exercise, since none of the functions that they show is written."""
        drawn = {picture.slug for picture in self.graded.pictures}
        found: dict[str, int] = {}
        for figure in figures_in(self.chapter.section):
            if figure.slug not in drawn:
                place = self._last(figure.exercises)
                found[place] = found.get(place, 0) + 1
        return found

    @property
    def plays(self) -> str:
        """The exercises whose functions make demos, in words; "" if the section has none."""
        return ", ".join(dict.fromkeys(name for play in plays_of(self.chapter.section) for name in play.exercises))

    def _last(self, exercises: Sequence[str]) -> str:
        """The last of these in the section; "" if it has none of them."""
        return next((name for name in reversed(self.chapter.section.functions) if name in exercises), "")


def read_page(section: Section, graded: GradedSection) -> bytes:
    """One page about a section, which needs no other."""
    page = _Page(Chapter(section), graded)
    return _page([page], list(page.chapter.entries), page.report.title)


def read_site(title: str, sections: Sequence[Section], graded: Iterable[GradedSection]) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the site's files, one page in memory at a time: those of the sections, then the index."""
    chapters = [Chapter(section) for section in sections]
    entries = [entry for chapter in chapters for entry in chapter.entries]
    steps = [Neighbour(chapter.page, chapter.section.title) for chapter in chapters]
    pages = []
    for number, (chapter, one) in enumerate(zip(chapters, graded, strict=True)):
        before, after = steps[number - 1 : number] if number else [], steps[number + 1 : number + 2]
        page = _Page(chapter, one)
        around = {"home": Neighbour(INDEX, title), "before": before, "after": after}
        yield chapter.page, _page([page], entries, page.report.title, **around)
        pages.append(_Page(chapter, GradedSection(one.report, b"", one.command, one.words)))  # without pictures
    yield INDEX, _page(pages, entries, title, is_index=True)


def _page(pages: Sequence[_Page], entries: Sequence[_SearchEntry], title: str, **given: Any) -> bytes:
    style, scripts = asset("report.css", "reader.css"), [asset("report.js"), asset("reader.js")]
    if any(page.graded.demos for page in pages):
        scripts.append(asset("play.js"))
    search = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    usual: dict[str, Any] = {"is_index": False, "home": None, "before": [], "after": []}
    look = {"style": style, "scripts": scripts, "policy": policy_of(style, scripts), "search": Markup(search)}
    return _template().render(pages=pages, title=title, **usual | look | given).encode()


@cache
def _template() -> jinja2.Template:
    own = {"exercise_id": exercise_id, "kind_of": lambda block: type(block).__name__, "predictions_exercise": EXERCISE}
    return environment().get_template("reader.html.jinja", globals=template_functions() | own)


# -- the text of a section


def _below_title(texts: Iterable[HeadedText]) -> Iterator[HeadedText]:
    """The texts without the title of the section, which is the head of the page."""
    for one in texts:
        yield HeadedText(0, one.id, one.title, "", one.html, one.words) if one.level == 1 else one


def _given(nodes: Sequence[ast.stmt], text: str) -> Iterator[Given]:
    if nodes:
        lines = text.split("\n")[first_line(nodes[0]) - 1 : nodes[-1].end_lineno]
        names = tuple(node.name for node in nodes if isinstance(node, _Definition))
        yield Given(coloured("\n".join(lines)), names)


def _described(node: _Definition, text: str) -> Described:
    lines = text.split("\n")[first_line(node) - 1 : node.body[0].lineno - 1]
    docstring = ast.get_docstring(node) or ""
    methods = [one for one in node.body if isinstance(one, _Definition)] if isinstance(node, ast.ClassDef) else []
    signature = coloured(textwrap.dedent("\n".join(lines)).rstrip())
    described = [_described(method, text) for method in methods]
    return Described(node.name, signature, list(parts_of(docstring)), described, docstring)


def parts_of(docstring: str) -> Iterator[DocPart]:
    """The parts of a docstring in Google's style; text without a label is markdown."""
    label, body = "", ""
    for block in re.split(r"\n\s*\n", docstring):
        begins = _PART.match(block)
        if begins or not block.startswith(" "):
            yield from _part(label, body)
            label = begins[1] if begins else ""
            body = f"{begins[2]}\n{block.partition(chr(10))[2]}" if begins else block
        else:
            body += f"\n\n{block}"
    yield from _part(label, body)


def _part(label: str, body: str) -> Iterator[DocPart]:
    first, _, rest = body.partition("\n")
    text = "\n".join(filter(None, [first, textwrap.dedent(rest)])).strip("\n")
    if not text.strip():
        return
    if label in _LISTS:
        yield DocPart(label, entries=list(_entries(text)))
    elif ">>>" in text:
        yield DocPart(label, code=coloured(text))
    else:
        yield DocPart(label, html_of(text))


def _entries(text: str) -> Iterator[tuple[str, Markup]]:
    """The entries of a list: a name, a colon and its text, whose further lines are indented."""
    for entry in re.split(r"\n(?=\S)", text):
        found = _ENTRY.fullmatch(entry)
        name, said = (found[1], found[2]) if found else ("", entry)
        yield name, inline_html_of(" ".join(said.split()))
