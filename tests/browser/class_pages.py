"""Pages about classes that are made up, in the folders that they link one another in."""

from contextlib import closing
from pathlib import Path

from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.ledger import Ledger
from grader.batch.policy import Late, Policy
from grader.cli.writing import write_files
from grader.course import Course
from grader.render.web.site import files
from tests.batch.hostile_class import hand_in_hostile
from tests.batch.large_class import fill
from tests.batch.sample_class import Made, fault, trained
from tests.paths import ROOT

STUDENTS = 30


def class_pages(folder: Path) -> dict[str, Path]:
    """A class with all sections, one with one section, and a hostile one: their indexes, leaderboards, and a student each."""
    course = Course(ROOT)
    with closing(Gradebook(folder / "class" / FILENAME)) as book:
        fill(book, course, STUDENTS)
        ledger = Ledger.of(book, Policy(late=Late(penalty_per_day=0.1)), course.sections)
        write_files(folder / "class" / "site", files(ledger))
    one = Made(folder / "one" / FILENAME)
    for student, accuracy in (("s1", 0.97), ("s2", 0.99)):
        one.enrol(student, f"Name of {student}", leaderboard="yes")
        one.hand_in(student, trained(accuracy))
    one.hand_in("s3", fault())
    hostile = Made(folder / "hostile class" / FILENAME)
    hand_in_hostile(hostile)
    for made in (one, hostile):
        write_files(made.book.path.parent / "site", files(made.ledger()))
        made.book.close()
    found = {}
    for name in ("class", "one", "hostile class"):
        site = folder / name / "site"
        found |= {name: site / "index.html", f"{name}: student": sorted(site.glob("students/*"))[0]}
        found |= {f"{name}: leaderboard": path for path in site.glob("leaderboard.html")}
    return found
