"""The downloads of a term from Moodle, some of them messy: `python -m tests.batch.term FOLDER STUDENTS`.

A zip and a grading worksheet for each section of the course. In one section, three students are special: they hand in two files
without a section's name, a PDF, and nothing.
"""

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course
from grader.find_course import find_course
from grader.section import Section
from tests.batch.exports import worksheet

NAMES = {1: "Zoë Ångström", 2: "Jörg Müller", 3: "Ada Lovelace", 4: "Bob Boole", 5: "Cem Can"}
HANDED_IN = "Monday, 2 November 2026, 10:00 AM"


def files_of(student: int, section: Section, messy: bool) -> dict[str, bytes]:
    """What a student hands in."""
    name, solution = f"{section.stem}.py", section.solution.read_bytes()
    special = {
        2: {"abgabe.py": solution},
        3: {"abgabe.py": solution, "older.py": solution + b"\n# older\n"},
        4: {"abgabe.pdf": b"%PDF"},
        5: {},
    }
    stub = section.exercise.read_bytes()
    own = [solution, stub, solution + b"\n# done\n", stub + b"\n# not yet\n"][student % 4]
    return special.get(student, {name: own}) if messy else {name: own}


def make_term(folder: Path, sections: Sequence[Section], students: int) -> None:
    """Write the downloads. Moodle numbers participants anew in each assignment."""
    (folder / "downloads").mkdir(parents=True)
    for section in sections:
        people = []
        with zipfile.ZipFile(folder / "downloads" / f"{section.id}.zip", "w") as archive:
            for student in range(1, students + 1):
                name, number = NAMES.get(student, f"Given{student} Family{student}"), 1000 * section.number + student
                files = files_of(student, section, messy=section == sections[len(sections) // 3])
                for file, data in files.items():
                    archive.writestr(f"{name}_{number}_assignsubmission_file_/{file}", data)
                submitted = HANDED_IN if files else ""
                people.append({"number": str(number), "name": name, "id": f"s{student:03}", "submitted": submitted})
        sheet = worksheet(people, f"{section.max_points:.2f}")
        (folder / "downloads" / f"{section.id}.csv").write_text(sheet, encoding="utf-8-sig")


if __name__ == "__main__":
    course: Course = find_course()
    make_term(Path(sys.argv[1]), course.sections, int(sys.argv[2]))
