"""The front door: submissions of a course become Reports here, for every command, watch, notebook, class, autograder and audit.

Open a `Service` before anything heavy is imported: its sandbox imports the libraries of a course meanwhile.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from io import StringIO
from types import TracebackType
from typing import TYPE_CHECKING, Any

from grader.course import Course
from grader.sandbox.limits.limits import DEFAULT, FOR_PICTURES, Limits
from grader.sandbox.process.interpreter import hand_back_free_memory
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.resources import usable_cores
from grader.sandbox.process.trust import Trust
from grader.section import Section
from grader.submission.locate import Definitions
from grader.submission.submission import Submission
from grader.toolkit import lazy_torch
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:  # they import numpy and pytest
    from grader.grading.report import Report, Status
    from grader.grading.request import Progress, Selection, Task
    from grader.grading.section_run import Listener
    from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
    from grader.sandbox.process.forked_zygote import ForkedZygote
    from grader.sandbox.process.launch_zygote import SharedZygote

Submissions = Sequence[tuple[Section, Submission]]
_LONG_CALL_SECONDS = 30
_LANES_PER_SECTION = 2  # more save little: the largest family of exercises is half a section


@contextmanager
def reading_definitions(course: Course) -> Iterator[Definitions]:
    """A function that tells what a file defines. Only a worker looks into it, and executes nothing."""
    with ExitStack() as stack:
        opened: list[Sandbox] = []

        def defined(submission: Submission) -> Collection[str]:
            if not opened:
                trust = Trust(everybody=True)  # to read it, not to run it
                opened.append(stack.enter_context(Sandbox.open(course, trust=trust)))
            outline = opened[0].admit(submission).outline
            if isinstance(outline.error, GraderFaultError):
                raise outline.error
            return outline.definitions.keys()

        yield defined


class Service:
    """Grades in one sandbox, which stays warm. Close it, or use it as a context manager."""

    def __init__(self, course: Course, sandbox: Sandbox | None, lanes: int | None = 1, adapts: bool = False) -> None:
        """`sandbox` is closed with the service. Without one, submissions run in this process, and get no grade.

        At most `lanes` processes grade at the same time; None leaves it to the tasks and the machine. If it `adapts`, another
        sandbox takes its place when submissions need other modules.
        """
        self.course = course
        self._lanes = lanes
        self._opened = sandbox
        self._adapts = adapts

    @classmethod
    def open(
        cls,
        course: Course,
        trust: Trust,
        submissions: Submissions = (),
        lanes: int | None = None,
        limits: Limits = DEFAULT,
        preload: Iterable[str] = (),
        forked_zygote: "ForkedZygote | None" = None,
    ) -> "Service":
        """Open a sandbox that imports, once for all workers, what these `submissions` seem to need.

        Later ones may need more. `preload` names what they will need; a class also sets its `limits`, and the `lanes` to share.
        The `forked_zygote`, if any, is the first zygote.
        """
        modules = modules_ahead(course, submissions, preload)
        sandbox = Sandbox.open(
            course, limits=limits, preload=modules, lanes=lanes or 1, trust=trust, forked_zygote=forked_zygote
        )
        return cls(course, sandbox, lanes, adapts=True)

    @classmethod
    def from_shared(cls, course: Course, shared: "SharedZygote") -> "Service":
        """Grade in the sandbox of another process, by the lane that it has shared."""
        return cls(course, Sandbox.from_shared(shared))

    def share(self, number: int) -> "SharedZygote":
        """A lane for another process that is not a fork of this one."""
        return self._sandbox.share(number)

    @property
    def _sandbox(self) -> Sandbox:
        """The sandbox that is warm at present."""
        assert self._opened is not None
        return self._opened

    @property
    def is_confined(self) -> bool:
        """Whether submissions run in a sandbox, so that there is a grade."""
        return self._opened is not None

    @property
    def confinement(self) -> dict[str, Any]:
        """The kind of the sandbox, and the layers of the last submission's worker."""
        return self._sandbox.said

    def layers(self) -> dict[str, Any]:
        """The layers of a worker, which is started to ask it for them."""
        from grader.sandbox.process.health import layers_of

        return layers_of(self._sandbox)

    def prepare(self, submissions: Submissions) -> None:
        """Open another sandbox if these need further modules that otherwise each worker would import."""
        before = self._sandbox
        if self._adapts and not before.preloaded.issuperset(modules := modules_ahead(self.course, submissions)):
            opened = Sandbox.open(
                self.course,
                kind=before.kind,
                limits=before.limits,
                lanes=self._lanes or 1,
                preload=sorted({*before.preloaded, *modules}),
                trust=before.trust,
            )
            self._opened = opened  # if it could not be opened, the one before is still there
            before.close()

    def grade(self, tasks: "Sequence[Task]", progress: "Progress | None" = None) -> "list[Report]":
        """The Reports, in the order of the tasks. A section without a selected check has none.

        Raises what `grading.session.grade` does.
        """
        from grader.service.parallel import grade_all

        if self._opened is not None:
            self.prepare([(task.section, task.submission) for task in tasks])
        lanes = self._lanes or min(usable_cores(), max(len(tasks), _LANES_PER_SECTION))
        return grade_all(self.course, tasks, self._opened, lanes, progress)

    def warm_up(self, section: Section, diagnosed: bool = False, in_large_pages: bool = True) -> None:
        """Grade the reference solution in this process, so that later gradings share the examples and caches of the checks.

        Each grading runs in a fork of this process. The reference is trusted and needs no worker, which halves the time. Only
        for checks that are known to end: here, no limit stops them. With `diagnosed`, also let the reference answer what the
        diagnoses of wrong answers ask it. Gathering the memory `in_large_pages` copies what other processes share.
        """
        from grader.grading.request import Selection, Task

        if not section.solution.is_file():
            return
        submission = Submission(section.solution.name, section.solution, section.solution.read_bytes())
        long = {check.exercise for check in section.check_list if check.call_cpu_seconds >= _LONG_CALL_SECONDS}
        # Without the others, they draw few examples.
        quick = tuple(name for name in section.exercises if name not in long)
        with redirect_stdout(StringIO()):
            Service(self.course, None).grade([Task(section, submission, Selection(quick, alone=True))])
        if diagnosed:
            from grader.diagnosis.rehearsal import rehearse_diagnosis

            rehearse_diagnosis(section)
        gc.collect()
        gc.freeze()
        hand_back_free_memory()
        if self._sandbox.kind == "zygote" and in_large_pages:
            from grader.sandbox.process.large_pages import gather

            gather()

    @staticmethod
    def without_run(
        section: Section,
        filename: str,
        status: "Status",
        reason: str,
        notice: str,
        versions: Mapping[str, str] | None = None,
    ) -> "Report":
        """The Report of a section whose checks did not run: all have one status, for the same reason.

        `versions` are those of another machine.
        """
        from grader.grading.assembly import report_without_run
        from grader.toolkit.libraries import versions as own_versions

        return report_without_run(section, filename, status, reason, notice, versions or own_versions())

    def admit(self, section: Section, submission: Submission, digests: bool = False) -> "SandboxedSubmission":
        """Open a submission for `grade_runnable`, without running it. With `digests`, its outline has them.

        Raises NotConfinedError if a layer is missing and the submission is not trusted.
        """
        from grader.sandbox.calls.forbidden import Rules

        runnable = self._sandbox.admit(submission)
        runnable.rules, runnable.digests = Rules.of(section), digests
        return runnable

    def admit_for_pictures(self, submission: Submission) -> "SandboxedSubmission":
        """Open a submission whose functions answer for a person who waits: each call gets little time."""
        return self._sandbox.admit(submission, FOR_PICTURES)

    def grade_runnable(
        self,
        section: Section,
        runnable: "SandboxedSubmission",
        selection: "Selection",
        progress: "Progress | None" = None,
        calls: "Listener | None" = None,
    ) -> "Report":
        """The Report of a submission that is open already, such as one that is watched. It is judged in this process.

        `calls` is told the calls of each check. Raises what `grade` does.
        """
        from grader.service.session import grade_runnable

        return grade_runnable(self.course, section, runnable, self._sandbox, selection, progress, calls)

    def close(self) -> None:
        """Close the sandbox."""
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def modules_ahead(course: Course, submissions: Submissions, others: Iterable[str] = ()) -> list[str]:
    """Modules to import before any worker starts. A stub needs none: it is not run. A course in numpy has none of torch."""
    needed = {
        module
        for section, submission in submissions
        for module in submission.imports_ahead(len(section.functions), section.preload)
    }
    return sorted(name for name in {*needed, *others} if course.uses_torch or name.partition(".")[0] != lazy_torch.NAME)
