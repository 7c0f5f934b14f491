"""Make the pictures of the README from real runs: `python docs/images/make.py [FILE]`.

section4.svg is the grading of the reference solution of section 4 with one mistake planted, by the real sandbox.
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from grader.course import Course
from grader.sandbox.launch import Sandbox
from grader.sandbox.submission import Submission

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("section4.svg")
WIDTH = 92  # columns

# Heavy ball adds the whole gradient; an exponential average weighs it.
RIGHT, WRONG = "v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)"

# Rich's own template without its fonts from the network, its shadow and a clip path for every line.
TEMPLATE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; white-space: pre }}
{styles}
</style>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
# Background, foreground, then black, red, green, yellow, blue, magenta, cyan, white: each readable on the background.
THEME = TerminalTheme(
    (27, 31, 36),
    (222, 226, 230),
    [
        (27, 31, 36),
        (255, 123, 114),
        (126, 211, 133),
        (226, 185, 92),
        (121, 172, 255),
        (210, 168, 255),
        (98, 210, 220),
        (222, 226, 230),
    ],
)


def wrong_submission(course: Course) -> Submission:
    """The reference solution of section 4, with momentum as an exponential average."""
    section = course.find("section4")
    source = section.solution.read_text(encoding="utf-8")
    if RIGHT not in source:
        raise SystemExit(
            f"{section.solution}: the line to spoil is gone: {RIGHT}. Name another at the top of {__file__}"
        )
    path = course.exercises / section.solution.name
    return Submission(path.name, path, source.replace(RIGHT, WRONG, 1).encode())


def record() -> Console:
    """Grade the wrong submission in the sandbox; return a console that recorded what a student sees."""
    course = Course(ROOT)
    submission = wrong_submission(course)
    with Sandbox.open(course, [submission.source]) as sandbox:
        from grader.grading.session import grade
        from grader.render.terminal import render

        report = grade(course, course.find("section4"), submission, sandbox)
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="standard", highlight=False
    )
    console.print(Text.assemble(("$ ", "dim"), ("grade section4", "bold cyan")))
    render([report], console)
    return console


def svg(console: Console) -> str:
    """Export a recording as a small picture that needs nothing from the network."""
    picture = console.export_svg(title="", theme=THEME, code_format=TEMPLATE, unique_id="t")
    picture = re.sub(r' clip-path="url\(#t-line-\d+\)"', "", picture)
    picture = re.sub(r"<text [^>]*>\n</text>", "", picture)  # the line ends, as text of their own
    picture = picture.replace("</text><text", "</text>\n<text")
    return "\n".join(line.rstrip() for line in picture.splitlines() if line.strip()) + "\n"


def main() -> None:
    """Write the picture to the file named on the command line, or where the README looks for it."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    target.write_text(svg(record()), encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
