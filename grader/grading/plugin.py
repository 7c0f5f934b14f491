"""The pytest plugin: fixtures for checks, gates between them, and a result for each.

`grader/service/session.py` registers a `GradePlugin` for a Report, and `grader/plain_pytest.py` for pytest's own output.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis.errors import Flaky

from grader.check_files.check_outline import CheckOutline, Origin
from grader.course import PUBLIC_KEY, Course
from grader.course_modules import module_of
from grader.grading.counterexample import disturbance_of
from grader.grading.examples import examples_of, join_parameters, load_profile
from grader.grading.predicted import expect_predicted
from grader.grading.report import Status
from grader.grading.section_run import CheckNotes, GradingRun, SectionRun, record
from grader.grading.verdict import Verdict, judge
from grader.predictions import Question
from grader.sandbox.calls.sandboxed_submission import Trial
from grader.sandbox.calls.student import RemoteStudent
from grader.sandbox.limits.limits import MIB
from grader.section import Section
from grader.toolkit.check import MARK, CheckMark
from grader.toolkit.secret import CodeSeed
from grader.toolkit.verdicts import CourseModuleError, EndedError, GraderFaultError

_trial = pytest.StashKey[Trial]()
_said = pytest.StashKey[CheckNotes]()
_verdict = pytest.StashKey[Verdict]()
_seconds = pytest.StashKey[float]()


class CheckModule(pytest.Module):
    """A file of checks as a module of its course: two courses may have files of the same name."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        room = self.path.parent
        self.obj = module_of(room.parents[1], f"{room.name}.{self.path.stem}")
        join_parameters(self.obj)
        return super().collect()


def title_of(item: pytest.Item) -> str:
    """The first line of a check's docstring, without its full stop."""
    docstring: str = getattr(item, "obj").__doc__  # noqa: B009
    return docstring.strip().splitlines()[0].rstrip(".")


class GradePlugin:
    """Turns a pytest session over checks into results in a `GradingRun`."""

    def __init__(self, course: Course, run: GradingRun) -> None:
        self.run = run
        self._course = course
        self._silent: set[str] = set()
        self._count = 0
        self._done = 0
        load_profile()

    # -- fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Any]:
        """The submission, in a fresh worker."""
        section_run = self._section_run(request.node)
        mark = _name_and_mark(request.node)[1]
        with section_run.submission.trial(
            section_run.contract, mark.exercise, mark.call_cpu_seconds, mark.scratch_mib * MIB
        ) as trial:
            request.node.stash[_trial] = trial
            yield trial.student

    @pytest.fixture
    def reference(self, request: pytest.FixtureRequest) -> Any:
        """The reference solution, with the same interface."""
        return self._section_run(request.node).reference

    @pytest.fixture
    def note(self, request: pytest.FixtureRequest) -> CheckNotes:
        """Add to the check's result, whether it passes or not: `note("...", loss=0.3, compute_seconds=42)`."""
        said: CheckNotes = request.node.stash.setdefault(_said, CheckNotes())
        return said

    @pytest.fixture
    def once(self, request: pytest.FixtureRequest) -> Callable[[str, Callable[[], Any]], Any]:
        """Make something once for all checks of a section: `once("trained", lambda: ...)`, for a run too long to repeat."""
        kept = self._section_run(request.node).kept

        def make_once(name: str, make: Callable[[], Any]) -> Any:
            if name not in kept:
                kept[name] = make()
            return kept[name]

        return make_once

    @pytest.fixture
    def code_seed(self, request: pytest.FixtureRequest) -> CodeSeed:
        """The seed of secret test data. The same code gets the same seed, also from a notebook."""
        exercise = _name_and_mark(request.node)[1].exercise
        digest = self._section_run(request.node).submission.digest
        return CodeSeed.of(self._course.key, exercise, digest, self._course.key == PUBLIC_KEY)

    # -- collection

    def _section(self, item: pytest.Item) -> Section:
        return self._course.find(item.path.parent.name)

    def _section_run(self, item: pytest.Item) -> SectionRun:
        return self.run.section_run(self._section(item))

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> "CheckModule":
        return CheckModule.from_parent(parent, path=module_path)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", f"{MARK}(mark): a check that earns points")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.run.collection_errors.append(str(report.longrepr))

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None and isinstance(call.excinfo.value, CourseModuleError):
            self.run.broken = call.excinfo.value

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep an error of the checks or of this plugin for the caller, who says it better than a traceback."""
        self.run.collection_errors.append(f"{type(excinfo.value).__name__}: {excinfo.value}")
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        first = {item.path: item for item in reversed(items)}
        last = {(item.path, _name_and_mark(item)[1].exercise): item for item in items}
        before = {item: self._of_predictions(item) for item in first.values()}
        behind = {item: self._of_inputs(item, exercise) for (_, exercise), item in last.items()}
        items[:] = [one for item in items for one in (*before.get(item, ()), item, *behind.get(item, ()))]
        for item in items:
            self._section_run(item).register(*_name_and_mark(item), getattr(item, "obj"))  # noqa: B009
        known = {result.id: result for result in self.run.known}
        for section_run in self.run.sections.values():
            section_run.results.update((name, known[name]) for name in section_run.marks if name in known)
        items[:] = [item for item in items if _name_and_mark(item)[0] not in known]
        if not self.run.exercises:
            return
        for section_run in self.run.sections.values():
            asked = {name for name, mark in section_run.marks.items() if mark.exercise in self.run.exercises}
            needed = asked if self.run.alone else section_run.needed_by(self.run.exercises)
            self._silent |= needed - asked
            items[:] = [item for item in items if _name_and_mark(item)[0] in needed]

    def _of_predictions(self, item: pytest.Item) -> list[pytest.Item]:
        """The checks that each question is answered, which go before `item`, the section's first."""
        section = self._section(item)
        outlines = [check for check in section.check_list if check.origin is Origin.PREDICTION]
        return [
            _generated(item, outline, partial(self._expect_predicted, item, question))
            for outline, question in zip(outlines, section.questions, strict=True)
        ]

    def _expect_predicted(self, item: pytest.Item, question: Question) -> None:
        expect_predicted(self._section(item), question, self._section_run(item).submission.outline.answers)

    def _of_inputs(self, item: pytest.Item, exercise: str) -> list[pytest.Item]:
        """The check that an exercise leaves its inputs unchanged, which goes behind `item`, the exercise's last."""
        section = self._section(item)
        found = [one for one in section.check_list if one.exercise == exercise and one.origin is Origin.UNCHANGED]
        if not found:
            return []
        return [_generated(item, found[0], lambda: self._section_run(item).expect_undisturbed(exercise))]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._done = len(self.run.settled.known)
        self._count = self._done + len(session.items)

    # -- running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        name, mark = _name_and_mark(item)
        title = title_of(item)
        self.run.progress(title, mark.exercise, self._done, self._count)
        blank = record(mark, name, title, Verdict(Status.GRADER_ERROR))
        self.run.listener.begins(blank, mark, self._done, self._count)
        self._done += 1
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool | None:
        """Run nothing if a check that an earlier process ran has stopped all others."""
        return True if self.run.settled.stopped else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.run.settled.over:
            raise EndedError(Status.TIMED_OUT.value, self.run.settled.over)
        self._section_run(item).gate(_name_and_mark(item)[0])

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Try a check on the examples that another submission has passed, before hypothesis draws new examples."""
        examples = examples_of(pyfuncitem.obj)
        trial = pyfuncitem.stash.get(_trial, None)
        if examples is None or trial is None:
            return None
        if not examples.known or trial.restart is None:
            examples.draw(pyfuncitem.funcargs)
            return True
        has_failed = False
        try:
            if examples.try_known(pyfuncitem.funcargs):
                return True
        except Exception:  # what is no `Exception` ends the check however its examples come
            if not trial.student.answered:
                raise
            has_failed = True
        # Look for the smallest failing example from the start. If an example has failed and none fails now, the check fails.
        _start_over(pyfuncitem, trial)
        examples.draw(pyfuncitem.funcargs)
        if has_failed:
            raise Flaky("An example has failed, and does not fail again.")
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Judge a phase of a check. Pytest's own report would format a traceback, which takes a tenth of the time."""
        error = call.excinfo.value if call.excinfo else None
        trial = item.stash.get(_trial, None)
        text = None
        if error is None and call.when == "call" and trial is not None:
            error = trial.student.refused()  # which the check caught
        if error is not None or call.when == "call":
            student, in_notebook = trial.student if trial else None, self._section_run(item).is_notebook
            verdict = item.stash.setdefault(_verdict, judge(error, student, in_notebook))
            text = f"{verdict.status.value}: {verdict.message}" if error is not None else None
        item.stash[_seconds] = item.stash.get(_seconds, 0.0) + call.duration
        if call.when == "teardown":
            self._record(item, trial)
        # `-x` means the requested exercises
        failed = text is not None and _name_and_mark(item)[0] not in self._silent
        outcome, told = "failed" if failed else "passed", cast(Any, text)
        if failed and item.stash[_verdict].status is Status.BLOCKED and not self.run.exercises:
            outcome, told = "skipped", (str(item.path), item.location[1] or 0, text)  # as plain pytest has it
        return pytest.TestReport(
            item.nodeid, item.location, dict.fromkeys(item.keywords, 1), outcome, told, call.when,  # type: ignore[arg-type]  # never "collect" here
            duration=call.duration, start=call.start, stop=call.stop,
        )  # fmt: skip

    def _record(self, item: pytest.Item, trial: Trial | None) -> None:
        name, mark = _name_and_mark(item)
        output = trial.output if trial else ""
        disturbance = disturbance_of(trial.student if trial else None)
        said, seconds, verdict = item.stash.get(_said, None), item.stash[_seconds], item.stash[_verdict]
        result = record(mark, name, title_of(item), verdict, said, output, seconds, disturbance)
        section_run = self._section_run(item)
        if verdict.exhausted or (verdict.again and self.run.settled.tries_again(result, section_run.results.values())):
            self.run.given_up = result
            item.session.shouldstop = "a fresh process goes on"
        result = self.run.settled.upheld(result)
        section_run.results[name] = result
        if trial is not None and isinstance(trial.student, RemoteStudent):
            section_run.transcripts[name] = trial.student.transcript
            self.run.listener.called(result, trial.student)
        self.run.listener.found(result)

    def reported(self, section_run: SectionRun) -> list[Any]:
        """The results to show: those that were asked for, not those that only had to be known."""
        results = section_run.results
        return [results[name] for name in section_run.marks if name in results and name not in self._silent]


def _generated(beside: pytest.Item, outline: CheckOutline, judge_it: Callable[[], None]) -> pytest.Item:
    """A generated check: it calls nothing, and passes unless `judge_it` raises."""

    def generated() -> None:
        judge_it()

    generated.__doc__ = outline.title
    function: pytest.Item = pytest.Function.from_parent(beside.parent, name=f"test_{outline.id}", callobj=generated)
    function.add_marker(pytest.mark.check(CheckMark(outline.exercise, outline.points, outline.needs, False, None, 0)))
    return function


def _start_over(item: pytest.Item, trial: Trial) -> None:
    """Start a check again with a fresh worker."""
    assert trial.restart is not None
    trial.restart()
    if _said in item.stash:
        item.stash[_said].clear()
    getattr(item, "funcargs")["student"] = trial.student  # noqa: B009


def _name_and_mark(item: pytest.Item) -> tuple[str, CheckMark]:
    marker = item.get_closest_marker(MARK)
    if marker is None:
        raise GraderFaultError(f"{item.nodeid} has no @check: only checks belong among the checks")
    return item.name.removeprefix("test_"), marker.args[0]
