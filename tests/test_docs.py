"""What the documents say is so: their paths and commands exist, imports run one way, and the picture is of today's grader."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import click
import msgspec
import pytest

from grader.cli import cli
from grader.course import Course
from tests.paths import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])

BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#]+)")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
MADE_LATER = (".venv", "results", "figures", "repro", ".github", "your-course")  # or in another person's repository

# -- paths and commands


def code_in(text: str) -> tuple[list[str], list[str]]:
    """The lines of a document's code blocks, and its pieces of code in running text."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()[1:-1]]
    return lines, CODE.findall(BLOCK.sub("", text))


def paths_in(text: str) -> Iterator[str]:
    """What looks like a path of the repository: a folder in it, a slash at its end, or a file's name."""
    for piece in code_in(text)[1]:
        if (
            PATH.fullmatch(piece)
            and piece.split("/")[0] not in MADE_LATER
            and ("/" in piece or (ROOT / piece).exists())
        ):
            yield piece


@each_document
def test_every_path_exists(document):
    text = document.read_text(encoding="utf-8")
    links = [document.parent / link for link in LINK.findall(text) if "://" not in link]
    missing = [path for path in [*links, *(ROOT / path for path in paths_in(text))] if not path.exists()]
    assert not missing


@each_document
def test_every_link_to_a_heading_leads_to_one(document):
    for page, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
        if "://" not in page:
            target = document.parent / page if page else document
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_paths_are_looked_for_in_the_architecture():
    found = set(paths_in((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    assert {"grader/grading/verdict.py", "solutions/", "checks/shared/"} <= found


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of every `grade ...` command."""
    lines, pieces = code_in(text)
    for line in [*lines, *pieces]:
        for part in re.split(r"&&|;|[{}]", line):
            words = part.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if re.match(r"grade( [\w-]|$)", words):
                yield shlex.split(words)


@each_document
def test_every_command_can_be_typed(document):
    """Click reads it: the verb, its options and its arguments; and the course knows the exercises."""
    for _, *words in commands_in(document.read_text(encoding="utf-8")):
        if not words or words[0].startswith("--"):
            cli.make_context("grade", words or ["doctor"], resilient_parsing=True)
            continue
        context = click.Context(cli)
        command = cli.get_command(context, words[0])
        assert command is not None, words
        named_only = len(words) == 1  # a verb may be spoken of without what it needs
        read = command.make_context(words[0], words[1:], parent=context, resilient_parsing=named_only)
        for exercise in read.params.get("exercises", ()):
            Course(ROOT).find(read.params.get("section") or words[0]).find_exercise(exercise)


def test_commands_are_found_in_the_readme():
    found = list(commands_in((ROOT / "README.md").read_text(encoding="utf-8")))
    assert ["grade"] in found
    assert ["grade", "section4", "--watch"] in found
    assert ["grade", "section4", "--submission", "solutions"] in found


@pytest.mark.parametrize(("page", "limit"), [("README.md", 5000), ("docs/architecture.md", 12000)])
def test_a_page_to_begin_with_is_short(page, limit):
    assert len((ROOT / page).read_bytes()) < limit


# -- the reference: its headings, and the first column of the tables below them

REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    """The first cells of the tables between a heading and the next one."""
    below = re.split(r"^#+ ", REFERENCE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [row.split(" | ")[0] for row in re.findall(r"^\| (.*) \|$", below, re.MULTILINE)]
    return [cell for cell in rows if cell[0] in "`0123456789"]


def typed_commands(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that is not hidden, by its words and arguments; the sections have theirs in common."""
    context = click.Context(group)
    sections = {section.id for section in Course(ROOT).sections} - {"section4"}
    for name in sorted({*group.list_commands(context)} - sections - {"all"}):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from typed_commands(command, f"{words} {name}")
        elif not command.hidden:
            usage = command.collect_usage_pieces(click.Context(command))
            word = "SECTION" if name == "section4" else name
            yield " ".join([words, word, *(piece for piece in usage if piece != "[OPTIONS]")]), command


COMMANDS = dict(typed_commands(cli, "grade"))


def test_the_reference_has_every_command_and_no_other():
    assert set(re.findall(r"^### (grade .*)$", REFERENCE, re.MULTILINE)) == {"grade export", *COMMANDS}


@pytest.mark.parametrize("usage", COMMANDS)
def test_the_reference_has_every_option_and_no_other(usage):
    options = [option for option in COMMANDS[usage].params if isinstance(option, click.Option) and not option.hidden]
    cells = first_column(usage) + (first_column("grade export") if usage.startswith("grade export ") else [])
    told = [word for cell in cells for word in re.findall(r"`(-[\w-]+)", cell)]
    assert sorted(told) == sorted(name for option in options for name in (*option.opts, *option.secondary_opts))


def test_the_reference_has_every_status():
    from grader.grading.report import Status

    assert first_column("Statuses") == [f"`{status.value}`" for status in Status]


def test_the_reference_has_every_exit_code():
    from grader.cli.common import EXIT_GRADER_ERROR, EXIT_USAGE
    from grader.program import INTERRUPTED

    assert first_column("Exit codes") == [str(code) for code in (0, 1, EXIT_USAGE, EXIT_GRADER_ERROR, INTERRUPTED)]


def test_the_reference_has_every_key_of_a_report():
    from grader.grading.report import Summary

    seen, waiting = set(), [msgspec.inspect.type_info(Summary)]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, msgspec.inspect.StructType) and kind.cls.__name__ not in seen:
            seen.add(kind.cls.__name__)
            assert first_column(kind.cls.__name__) == [f"`{field.encode_name}`" for field in kind.fields]
            waiting += [field.type for field in kind.fields]
        elif isinstance(kind, msgspec.inspect.UnionType):
            waiting += kind.types
        elif isinstance(kind, msgspec.inspect.ListType):
            waiting.append(kind.item_type)
    assert {"Report", "CheckResult", "Counterexample", "Comparison"} <= seen


def test_the_reference_has_every_environment_variable():
    sources = [path for folder in ("grader", "checks") for path in (ROOT / folder).rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"\bGRADE_[A-Z]+\b", path.read_text(encoding="utf-8"))}
    assert sorted(first_column("Environment variables")) == sorted(f"`{name}`" for name in read)


# -- the pictures


def words_of(picture: Path) -> list[str]:
    """The text of an SVG, piece by piece."""
    tree = ElementTree.parse(picture)
    return [element.text or "" for element in tree.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    made = tmp_path_factory.mktemp("pictures")
    subprocess.run([sys.executable, ROOT / "docs" / "images" / "make.py", made], check=True, capture_output=True)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "next", "passed", "section4", "hint"])
def test_the_pictures_show_what_the_grader_says_today(name, pictures):
    """If not: python docs/images/make.py, and look at them."""
    shown = words_of(ROOT / "docs" / "images" / f"{name}.svg")
    assert words_of(pictures / f"{name}.svg") == shown
    assert any(words.startswith("grade") for words in shown)


@pytest.mark.slow
@pytest.mark.parametrize("section", ["section4"])  # as an example: all of them take a minute
def test_the_gallery_shows_what_is_drawn_today(section, tmp_path):
    """If not: python docs/images/gallery/make.py, and look at it."""
    subprocess.run([sys.executable, ROOT / "docs" / "images" / "gallery" / "make.py", tmp_path, section], check=True)
    made, kept = ((folder / "gallery.md").read_text("utf-8") for folder in (tmp_path, ROOT / "docs"))
    entries = re.findall(r"^<picture>.*?^Drawn from [^\n]*", made, re.MULTILINE | re.DOTALL)
    assert entries
    assert all(entry in kept for entry in entries)
    drawn, shown = (
        {path.relative_to(folder) for path in folder.glob(f"{section}/*.svg")}
        for folder in (tmp_path / "images" / "gallery", ROOT / "docs" / "images" / "gallery")
    )
    assert drawn == shown


def test_the_gallery_has_every_picture():
    from grader.figures.picture import figures_in

    text = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    assert set(re.findall(r'src(?:set)?="(.+?)"', text)) == {
        path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "images" / "gallery").rglob("*.svg")
    }
    drawn = [(section.id, figure.slug) for section in Course(ROOT).sections for figure in figures_in(section)]
    assert re.findall(r'src="images/gallery/(\w+)/([\w-]+)\.svg"', text) == drawn


def quoted_messages() -> list[str]:
    """The messages in the left column of the troubleshooting table for students."""
    table = (ROOT / "docs" / "students.md").read_text(encoding="utf-8").partition("| message |")[2]
    return re.findall(r"^\| `(.+?)`", table, re.MULTILINE)


def test_there_are_messages_to_look_up():
    assert len(quoted_messages()) >= 10


@pytest.mark.parametrize("message", quoted_messages())
def test_a_message_that_students_look_up_is_one_that_the_grader_gives(message):
    """Its words stand together in one file of ours, in this order, whatever is put between them."""
    words = [re.escape(part.strip()) for part in message.split("…") if part.strip()]
    pattern = re.compile(r"(?:.|\n){0,80}?".join(words))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "grader").rglob("*.py")]
    assert any(pattern.search(source) for source in sources)
