"""Draw every picture of the course from the reference solutions, and write docs/gallery.md: `python docs/images/gallery/make.py`.

With a folder as its argument, it writes there instead; with sections behind that, only these.
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from grader.cli.common import prepare_imports
from grader.course import Course
from grader.sandbox.limits.limits import FOR_PICTURES
from grader.sandbox.process.launch import Sandbox
from grader.section import Section
from grader.submission.locate import read_section

ROOT = Path(__file__).resolve().parents[3]
HEAD = """\
# Gallery
What `grade plot` draws, here from the reference solutions; a student's are drawn from their own functions. In each, the thick
line is the submission's and the thin one the reference's. This page is made by `docs/images/gallery/make.py`.
"""
ENTRY = """
<picture>
<source media="(prefers-color-scheme: dark)" srcset="images/gallery/{place}-dark.svg">
<img src="images/gallery/{place}.svg" alt="{alt}">
</picture>

Drawn from {exercises}.
"""


def entries(course: Course, section: Section, images: Path) -> Iterator[str]:
    """Draw a section's pictures, and give the text of each."""
    file = read_section(section.solution, section)
    with Sandbox.open(
        course, limits=FOR_PICTURES, preload=file.imports_ahead(len(section.functions), section.preload)
    ) as sandbox:
        from grader.figures.picture import figures_of
        from grader.figures.picture_files import write_files

        pictures = figures_of(section, sandbox.admit(file))
        for picture, path in write_files(pictures, images / section.id, "svg", numbers=False):
            if picture.missing:
                raise SystemExit(f"{path}: {picture.missing[0]} The gallery is to show right answers.")
            print(f"wrote {path}")
            names = ", ".join(f"`{name}`" for name in picture.figure.exercises)
            place = f"{section.id}/{picture.slug}"
            yield ENTRY.format(place=place, alt=escape(f"{picture.title}. {picture.alt}", quote=False), exercises=names)


def main() -> None:
    """Write the page and its pictures."""
    prepare_imports()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    course, text, chosen = Course(ROOT), [HEAD], sys.argv[2:]
    for section in [course.find(word) for word in chosen] or course.sections:
        drawn = list(entries(course, section, folder / "images" / "gallery"))
        text += [f"\n## {section.title}\n", *drawn] if drawn else []
    (folder / "gallery.md").write_text("".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
