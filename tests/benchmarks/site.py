"""The pages of a large class: how long they take to write, how large the index is, and how soon a browser shows it.

    python -m tests.benchmarks.site [--students 1000] [--keep FOLDER]

Reports are real ones of the tiny course under the names of the real sections; everybody has a file of their own, a solution.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.ledger import Ledger
from grader.batch.policy import Late, Policy
from grader.cli.writing import write_files
from grader.course import Course
from grader.render.web.site import files
from tests.batch.large_class import fill
from tests.browser.pages import SWITCHES
from tests.paths import ROOT

PAINTED = "performance.getEntriesByType('paint').find(one => one.name === 'first-contentful-paint')?.startTime"
TIMED = """action => new Promise(done => {
    const begin = performance.now();
    action === "sort" ? document.querySelectorAll("#marks thead button")[3].click() : (() => {
        const words = document.getElementById("words");
        words.value = action; words.dispatchEvent(new Event("input"));
    })();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
})"""


def browse(index: Path, rounds: int) -> None:
    """Open the index anew each time, as somebody does who has double-clicked it."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("needs chromium")
    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        for _ in range(rounds):
            with closing(browser.new_context(viewport={"width": 1280, "height": 800})) as context:
                page = context.new_page()
                page.goto(index.as_uri())
                page.wait_for_function(PAINTED)
                found.setdefault("first contentful paint", []).append(page.evaluate(PAINTED))
                whole = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
                found.setdefault("all of it there, script run", []).append(page.evaluate(whole))
                for label, action in {"sort": "sort", "filter": "given7", "no filter": ""}.items():
                    found.setdefault(f"{label}, to the next frame", []).append(page.evaluate(TIMED, action))
        browser.close()
    for label, times in found.items():
        print(f"{label:32} {statistics.median(times):7.0f} ms, worst {max(times):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7, help="how often the index is opened")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write there, and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course, out = Course(ROOT), options.keep or Path(folder)
        with closing(Gradebook(Path(folder) / FILENAME)) as book:
            fill(book, course, options.students)
            ledger = Ledger.of(book, Policy(late=Late(penalty_per_day=0.1)), course.sections)
            begin = time.process_time()
            count = write_files(out / "html", files(ledger))
            seconds = time.process_time() - begin
        index = out / "html" / "index.html"
        print(
            f"{count} files in {seconds:.0f} CPU s, {1000 * seconds / (len(course.sections) * options.students):.1f} ms a Report"
        )
        print(f"index.html: {index.stat().st_size / 1e6:.2f} MB")
        browse(index, options.rounds)


if __name__ == "__main__":
    main()
