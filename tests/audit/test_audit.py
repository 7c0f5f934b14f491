"""The audit of a course's checks: what it finds right, and that it sees every way in which checks can be wrong."""

import io
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from rich.console import Console

from grader.audit.adversaries import adversaries_of, part_of
from grader.audit.audit import Answer, Finding, answers_of, audit, judged
from grader.audit.mutants import mutants_of
from grader.course import Course
from grader.grading.reach import dependents, reached
from grader.grading.report import CheckResult, Status
from grader.render.terminal.audit_matrix import render_audit, render_problems
from grader.service import Service
from tests.paths import ROOT, TINY

KINDS = ("solution", "stub", "variant", "mistake", "adversary")
CHECKS = (TINY / "checks" / "section1_tiny" / "test_section1.py").read_text()


DOUBLES = """

@mistake("scale", hints=("one",))
def doubles(x, factor):
    '''You make every number a float64.'''
    return factor * x.double()
"""


@pytest.fixture
def audited(tiny_sandbox, course_with):
    """Audit the tiny course with other checks and more mistakes."""

    def run(checks, more_mistakes, thorough):
        root = course_with(checks)
        mistakes = root / "checks" / "section1_tiny" / "mistakes.py"
        text = mistakes.read_text() + more_mistakes
        mistakes.unlink()
        mistakes.write_text(text)
        (root / "exercises").rmdir()
        (root / "exercises").symlink_to(TINY / "exercises")
        course = Course(root)
        (found,) = audit(Service(course, tiny_sandbox), course.sections, thorough=thorough)
        return found

    return run


def problems(found):
    return {
        (finding.answer.kind, finding.answer.exercise, finding.answer.name): finding.problems
        for finding in found.findings
        if finding.problems
    }


@pytest.mark.slow
def test_the_tiny_course_has_nothing_to_mend(audited):
    """Also if a check trains for long: it runs only for the mistake that no other check of its exercise fails."""
    short = '@check("scale", points=0.5, needs=["scale_by_definition"]'
    assert short in CHECKS
    found = audited(CHECKS.replace(short, f"{short}, call_cpu_seconds=60"), DOUBLES, thorough=False)
    assert not problems(found)
    assert found.killed_only_by("scale_keeps_dtype") == ["scale.doubles"]
    tried = {finding.answer.name for finding in found.of("mistake") if "scale_keeps_dtype" in checks_of(finding)}
    assert tried == {"doubles"}
    assert [finding.diagnosis for finding in found.of("mistake")] == [
        finding.answer.name for finding in found.of("mistake")
    ]
    console = Console(width=100, record=True, file=io.StringIO())
    render_audit([found], console)
    assert f"18 of {4 * 13} adversaries: 18 with no points." in console.export_text()
    assert "scale.adds" in found.killed_by("scale_by_definition")
    assert found.killed_only_by("centre_by_hand") == ["centre.divides_by_the_mean"]
    assert not found.killed_by("mean_of_a_matrix")  # no mistake of the list needs it


def checks_of(finding):
    return {check.id for check in finding.report.checks}


@pytest.mark.slow
def test_predictions_are_asked_of_the_solution_and_the_stub_alone(asking_course, tiny_sandbox):
    """A wrong function is about no prediction, and a right answer in another style need not make any."""
    (section,) = asking_course.sections
    folder = asking_course.root / "tests" / "variants" / section.stem
    folder.mkdir(parents=True)
    text = section.solution.read_text(encoding="utf-8")
    folder.joinpath("other.py").write_text(text.replace("PREDICTIONS", "GUESSES"), encoding="utf-8")
    (found,) = audit(Service(asking_course, tiny_sandbox), [section])
    assert not problems(found)
    graded = {kind: {check.exercise for one in found.of(kind) for check in one.report.checks} for kind in KINDS}
    assert [kind for kind, exercises in graded.items() if "predictions" in exercises] == ["solution", "stub"]


@pytest.mark.slow
def test_each_error_in_checks_is_found(audited):
    """One course with all of it, since an audit takes ten seconds."""
    # With one entry only, `only_the_first` is right; without a check of the error, so is what refuses nothing.
    one_entry = CHECKS.replace("SHAPES = ((2,), (), (2, 2))", "SHAPES = ((), ())").replace("[1.0, 2.0]", "[1.0]")
    lax = one_entry.replace('amount"):', "amount\") if 0 else __import__('contextlib').suppress(Exception):")
    # A check of an error that counts by itself is passed by a function that always raises.
    generous = lax.replace(', needs=["shift_adds_the_amount"])', ")")
    # A check of `mean` that calls `scale` takes points from an answer whose `scale` is wrong.
    begin = "    result = student.mean(torch"
    entangled = generous.replace(begin, "    assert student.scale(torch.ones(2), 3.0).sum() == 6\n" + begin)
    assert len({CHECKS, one_entry, lax, generous, entangled}) == 5
    broken = '\n\n@mistake("mean", hints=("one",))\ndef broken(x):\n    """You break it."""\n    return len()\n'
    found = problems(audited(entangled, broken, thorough=True))
    assert any("cannot work: every call raises TypeError" in text for text in found["mistake", "mean", "broken"])
    assert any("survives" in text for text in found["mistake", "scale", "only_the_first"])
    assert any("survives" in text for text in found["mistake", "shift_in_place", "accepts_negative_amounts"])
    (earned,) = found["adversary", "shift_in_place", "always raises"]
    assert re.fullmatch(r"earns 0.5 points at shift_rejects_a_negative_amount \(test_section1.py, line \d+\)", earned)
    assert any("costs points in mean" in text for text in found["mistake", "scale", "divides"])


def test_what_follows_from_a_failed_check_is_no_problem_of_its_own():
    (section,) = Course(TINY).sections
    checks = [
        CheckResult("scale_by_definition", "scale", "Scales", Status.FAILED, 0, 1, message="No."),
        CheckResult("scale_keeps_dtype", "scale", "Keeps", Status.BLOCKED, 0, 0.5, message="Blocked."),
    ]
    answers = (Answer("solution", section, "solution", b""), Answer("adversary", section, "zeros", b"", "scale"))
    lost = judged(answers[0], SimpleNamespace(checks=checks))
    assert lost.problems == ("loses 1 point at scale_by_definition (test_section1.py, line 28): No.",)
    earns = Finding(answers[1], lost.report, problems=("earns 1 point at scale_by_definition",))
    for found, told in (([lost, earns], ["solution loses"]), ([earns], ["adversary scale.zeros earns"])):
        console = Console(width=100, record=True, file=io.StringIO())
        render_problems(found, console)
        text = console.export_text()
        assert re.findall(r"section1 ((?:solution|adversary).*) 1 point", text) == told
        assert ("1 problem of other answers, which may follow: first make the solution pass." in text) == (
            len(found) == 2
        )


def test_what_reaches_where_is_read_from_the_sources():
    section = Course(TINY).sections[0]
    assert dependents(section, "mean") == {"centre"}
    assert reached(section, "scale") == frozenset()


def test_every_answer_is_a_whole_submission():
    section = Course(TINY).sections[0]
    for answer in answers_of(Course(TINY), section):
        if answer.kind != "stub":
            compile(answer.source, answer.name, "exec")


@pytest.mark.parametrize("root", [TINY, ROOT])
def test_a_part_of_the_adversaries_meets_every_exercise_and_every_kind_meets_every_section(root):
    for section in Course(root).sections:
        every = adversaries_of(section)
        part = part_of(every)
        assert {one.name for one in part} == {one.name for one in every}
        met = Counter(one.exercise for one in part)
        assert {*met} == {*section.functions}
        assert min(met.values()) >= 3
        assert len(part) < len(every) / 2


def test_of_a_single_exercise_no_adversary_is_left_out():
    mine = [one for one in adversaries_of(Course(TINY).sections[0]) if one.exercise == "mean"]
    assert part_of(mine) == mine


def test_mutants_differ_in_one_place():
    section = Course(TINY).sections[0]
    changes = {mutant.change for mutant in mutants_of(section, "shift_in_place")}
    assert "`amount < 0` -> `(amount <= 0)`" in changes
    assert "`w.add_(amount)` -> `pass`" in changes
    assert not any("must not be negative" in change and "pass" not in change for change in changes)  # no messages
    solution = section.solution.read_text().splitlines()
    for mutant in mutants_of(section, "mean"):
        changed = [a for a, b in zip(solution, mutant.source.splitlines(), strict=True) if a != b]
        assert len(changed) == 1
