"""Make the pictures of the README and of docs/students.md from real runs: `python docs/images/make.py [FOLDER]`.

Each is what a student's terminal shows after the commands in SCENES, in a copy of the course, graded by the real sandbox.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 92  # columns
EXERCISES = "exercises/section4_momentum.py"

# Heavy ball adds the whole gradient; an exponential average weighs it.
MISTAKE = ("v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)")


@dataclass(frozen=True)
class Scene:
    """A picture's name, the words behind `grade` that it shows, and those that were typed before."""

    name: str
    words: str
    before: str = ""
    mistaken: bool = False  # with MISTAKE in an otherwise right file, else with the stub


SCENES = (
    Scene("overview", "", before="section4 condition_number", mistaken=True),
    Scene("next", "next section4 condition_number"),
    Scene("passed", "section4 condition_number", mistaken=True),
    Scene("section4", "section4", mistaken=True),
    Scene("hint", "hint section4 momentum_step", before="section4 momentum_step", mistaken=True),
)

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


def course_with(mistaken: bool, folder: Path) -> Path:
    """A copy of the course as a student has it, with the solution of section 4 that has one mistake, or with its stub."""
    for name in ("exercises", "solutions", "checks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data").symlink_to(ROOT / "data")
    if mistaken:
        solution = (ROOT / EXERCISES.replace("exercises", "solutions")).read_text(encoding="utf-8")
        if MISTAKE[0] not in solution:
            raise SystemExit(f"the line to spoil is gone from {EXERCISES}: {MISTAKE[0]}. Name another in {__file__}")
        (folder / EXERCISES).write_text(solution.replace(*MISTAKE, 1), encoding="utf-8")
    return folder


def shown(scene: Scene, course: Path) -> str:
    """What the commands of a scene print, with colours."""
    variables = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm"}
    variables.pop("GRADE_COURSE", None)
    for words in (scene.before, scene.words):
        command = [sys.executable, "-m", "grader", *words.split()]
        done = subprocess.run(command, cwd=course, env=variables, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"grade {words}: {done.stderr}")
    return done.stdout


def record(scene: Scene) -> Console:
    """Play a scene; return a console that recorded what a student sees."""
    with tempfile.TemporaryDirectory() as folder:
        text = shown(scene, course_with(scene.mistaken, Path(folder) / "course"))
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="standard", highlight=False
    )
    console.print(Text.assemble(("$ ", "dim"), (f"grade {scene.words}".rstrip(), "bold cyan")))
    console.print(Text.from_ansi(text), overflow="fold")
    return console


def svg(console: Console) -> str:
    """Export a recording as a small picture that needs nothing from the network."""
    picture = console.export_svg(title="", theme=THEME, code_format=TEMPLATE, unique_id="t")
    picture = re.sub(r' clip-path="url\(#t-line-\d+\)"', "", picture)
    picture = re.sub(r"<text [^>]*>\n</text>", "", picture)  # the line ends, as text of their own
    picture = picture.replace("</text><text", "</text>\n<text")
    return "\n".join(line.rstrip() for line in picture.splitlines() if line.strip()) + "\n"


def main() -> None:
    """Write the pictures to the folder named on the command line, or where the texts look for them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for scene in SCENES:
        path = folder / f"{scene.name}.svg"
        path.write_text(svg(record(scene)), encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
