"""What a student sees in the terminal: golden texts of 80 columns, and nothing that their own text could do to it."""

import io
import re
import time
import unicodedata

import msgspec
import pytest
from rich.console import Console

from grader.grading.report import Blocker, CheckResult, Comparison, Counterexample, Input, Line, Report, Status
from grader.grading.section_progress import SectionProgress, ToDo
from grader.render.terminal.overview import render_overview
from grader.render.terminal.progress import Running, show_progress
from grader.render.terminal.terminal import render_reports
from grader.render.words import points, shown_output
from grader.sandbox.limits.limits import DROPPED
from grader.toolkit.text import clean
from tests.paths import MESSAGES, REPORTS

SHOWN = (
    "right",
    "wrong_value",
    "wrong_dtype",
    "wrong_kind",
    "changes_its_input",
    "raises",
    "unstable",
    "not_started",
    "begun",
    "syntax_error",
    "half_loading",
    "endless_import",
    "leaves_the_process",
    "prints",
    "hostile_text",
)
EVERY = sorted(path.stem for path in REPORTS.glob("*.json"))
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "\x1b[31mred\x1b[0m\rpoints 5 \u202eevil\u2066 [bold red]big[/] \n::error::own ##[error]x\n\ud800 \x9b2J\x07"


def report(name: str) -> Report:
    return msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)


def rendered(*reports: Report, width: int = 80, colour: bool = False) -> str:
    file = io.StringIO()
    terminal = {"force_terminal": True, "color_system": "truecolor"} if colour else {"color_system": None}
    render_reports(reports, Console(file=file, width=width, highlight=False, **terminal))
    return file.getvalue()


def hostile_report(text: str, status: Status = Status.FAILED, status_of_report: str = "graded") -> Report:
    """A Report with a submission's own text wherever such text can stand, cleaned as the grader cleans it."""
    shown = clean(text)
    line = shown.replace("\n", " ")
    check = CheckResult(
        id="scale_by_definition",
        exercise="scale",
        title="Every entry is multiplied by the factor",
        status=status,
        points=0.0,
        max_points=1.0,
        message=shown,
        counterexample=Counterexample("scale", [Input(line, line)], [Comparison("scaled", line, line, True)]),
        lines=[Line(3, line, line)],
        notes=[line],
        stdout=shown,
    )
    return Report(2, "section1", "Section 1: Tiny", "a.py", 0.0, 1.0, status_of_report, {}, {}, [check], notice=shown)


def harmful(text: str) -> list[str]:
    """Characters that a terminal would act upon, and lines that a CI service would."""
    categories = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    characters = [repr(char) for char in text if char != "\n" and unicodedata.category(char) in categories]
    return characters + [line for line in text.split("\n") if line.strip().startswith("::") or "##[" in line]


@pytest.mark.parametrize("name", SHOWN)
def test_the_text_is_the_golden_one(name, request):
    path = MESSAGES / f"{name}.txt"
    text = rendered(report(name))
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    assert {path.stem for path in MESSAGES.glob("*.txt")} == set(SHOWN)


@pytest.mark.parametrize("name", EVERY)
def test_colour_carries_no_meaning_alone(name):
    assert COLOURS.sub("", rendered(report(name), colour=True)) == rendered(report(name))


def test_a_terminal_gets_colour():
    assert COLOURS.search(rendered(report("right"), colour=True))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("width", [20, 80, 200])
def test_text_of_a_submission_can_do_nothing_to_the_terminal(status, width):
    text = rendered(hostile_report(HOSTILE, status), width=width)
    assert harmful(text) == []
    text.encode("utf-8")


def test_the_check_of_the_terminal_sees_what_is_harmful():
    assert len(harmful(HOSTILE)) == 9


def test_text_of_a_submission_colours_nothing():
    plain, loud = (COLOURS.findall(rendered(hostile_report(text), colour=True)) for text in ("x", "[red]x[/]"))
    assert loud == plain


@pytest.mark.parametrize("start", range(60, 84))
def test_a_line_that_is_wrapped_cannot_become_an_order_to_a_ci_service(start):
    text = rendered(hostile_report("w" * start + " ::error::not ours " + "w" * start + " ##[error]nor this"))
    assert "error" in text
    assert harmful(text) == []


def test_markup_is_shown_as_it_stands():
    assert "[bold red]big[/]" in rendered(hostile_report("[bold red]big[/]"))


def test_output_of_a_submission_is_marked_off_line_by_line_and_cut():
    text = rendered(msgspec.structs.replace(report("prints"), checks=[_printing(report("prints"), 40, "9" * 500)]))
    printed = [line for line in text.splitlines() if "999" in line or "more lines" in line]
    assert all(line.startswith("    | ") for line in printed)
    assert len(printed) == 13
    assert "… (28 more lines)" in printed[-1]
    assert max(map(len, printed)) <= 80


def test_of_a_flood_of_output_only_the_kept_lines_are_counted():
    kept = "".join(f"step {k}\n" for k in range(40)) + f"st\n{DROPPED}\n"
    assert shown_output(kept)[-1] == "… (at least 28 more lines)"
    assert shown_output(kept.replace(f"\n{DROPPED}", ""))[-1] == "… (29 more lines)"


def _printing(of: Report, lines: int, line: str) -> CheckResult:
    failing = next(check for check in of.checks if check.status is Status.FAILED)
    return msgspec.structs.replace(failing, stdout=f"{line}\n" * lines)


@pytest.mark.parametrize("status", ["partial", "not_a_grade"])
def test_what_is_not_a_grade_says_so(status):
    text = rendered(msgspec.structs.replace(report("right"), status=status))
    assert "only part" in text or "not a grade" in text


def test_a_grader_error_loses_no_points_and_points_to_the_doctor():
    text = rendered(hostile_report("the sandbox ended", Status.GRADER_ERROR))
    assert "grader error" in text
    assert "no points are lost" in text
    assert "grade doctor" in text.splitlines()[-1]


def test_several_sections_end_with_their_sum_and_the_first_thing_to_do():
    text = rendered(report("right"), report("wrong_value"), report("raises"))
    assert "In all 9.75 / 15.0 points" in text
    assert text.splitlines()[-2].startswith("  Next:  fix scale ")
    assert text.splitlines()[-1].endswith("grade hint section1 scale")


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (1.5, "1.5"), (0.25, "0.25"), (15.0, "15.0"), (1 / 3, "0.33"), (0.999, "1.0")]
)
def test_points_have_one_decimal_or_two_where_needed(value, text):
    assert points(value) == text


def test_the_overview_names_sections_points_and_the_next_command(tiny_course):
    file = io.StringIO()
    section = tiny_course.sections[0]
    progress = SectionProgress(section, 3.25, 5.0, graded=True, started=True, stale=True)
    render_overview([progress], (section, "mean"), Console(file=file, width=200, color_system=None), ToDo("write"))
    text = " ".join(file.getvalue().split())
    assert "section1 Tiny exercises 3.25 of 5.0 points changed since it was graded" in text
    assert "Next: write mean in " in text
    assert "section1_tiny.py, then grade section1 mean" in text


def test_progress_is_silent_without_a_terminal(tiny_course, capsys):
    with show_progress(tiny_course.sections[0]) as progress:
        progress("Every entry", "scale", 0, 8)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("ago", "shown"), [(0, "check 2 of 8, scale — Every [b]"), (75, "check 2 of 8 (75 s), scale")])
def test_progress_counts_the_seconds_of_a_check_that_takes_long(ago, shown):
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(Running("Every [b] entry", "scale", 1, 8, time.monotonic() - ago))
    assert shown in console.file.getvalue()


def test_an_exercise_that_is_blocked_in_part_says_by_what_and_keeps_its_points():
    passed = CheckResult("a", "step", "t", Status.PASSED, 1.5, 1.5)
    blocked = CheckResult(
        "b", "step", "t", Status.BLOCKED, 0.0, 0.5, message="blocked by scale", blocked_by=Blocker("scale")
    )
    both = Report(2, "section1", "Section 1: Tiny", "a.py", 1.5, 2.0, "graded", {}, {}, [passed, blocked])
    assert re.search(r"^  step  1\.5 / 2\.0  blocked by scale$", rendered(both), re.MULTILINE)
