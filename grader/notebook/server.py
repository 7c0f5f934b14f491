"""Runs in the assistant's process: grades what a kernel asks for, one request after the other, until it hangs up."""

import os
import sys
from pathlib import Path

import msgspec

from grader.cli.common import importing, prepare_imports
from grader.course import Course, UsageError
from grader.grading.request import Selection, Task
from grader.notebook.client import InlinePicture, KernelReply, KernelRequest
from grader.predictions import Prediction
from grader.sandbox.process.die_with_parent import die_with_parent
from grader.sandbox.process.trust import Trust
from grader.service import Service, Submissions
from grader.service.messages import receive, send
from grader.submission.submission import Submission
from grader.toolkit.verdicts import CourseModuleError, GraderFaultError, ShellLimitError


class Warm:
    """A service that is kept as long as the course is the same."""

    def __init__(self) -> None:
        self._service: Service | None = None

    def service(self, course: Course, files: Submissions) -> Service:
        if self._service is None or self._service.course.root != course.root:
            self.close()
            mine = Trust(everybody=True)  # what a kernel asks for, the kernel has run already
            self._service = Service.open(course, mine, files, lanes=1)
        return self._service

    def close(self) -> None:
        if self._service is not None:
            self._service.close()
            self._service = None


def main() -> None:
    """Answer until the pipe ends. All printed text goes to the log, never between the answers."""
    die_with_parent()
    prepare_imports()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warm = Warm()
    try:
        while (data := receive(sys.stdin.buffer)) is not None:
            send(answers, _answer(msgspec.msgpack.decode(data, type=KernelRequest), warm))
    except BrokenPipeError:
        pass  # the kernel is gone
    finally:
        warm.close()


def _predictions(files: Submissions, service: Service) -> list[Prediction]:
    from grader.figures.experiments import predictions_of

    ((section, file),) = files
    return predictions_of(section, service.admit_for_pictures(file))


def _pictures(files: Submissions, service: Service, exercises: tuple[str, ...]) -> list[InlinePicture]:
    ((section, file),) = files
    if section.module("figures") is None:
        return []
    from grader.figures.picture import figures_of
    from grader.figures.style import LIGHT

    drawn = figures_of(section, service.admit_for_pictures(file), exercises)
    return [InlinePicture(one.render(LIGHT, "png"), f"{one.title}\n{one.alt}") for one in drawn]


def _answer(request: KernelRequest, warm: Warm) -> KernelReply:
    try:
        course = Course(Path(request.root))
        section = course.find(request.section)
        files = [(section, Submission(request.filename, Path(request.filename), request.source))]
        service = warm.service(course, files)  # first: its zygote imports libraries meanwhile
        if request.draws:
            return KernelReply(pictures=_pictures(files, service, request.draws))
        with importing(course.uses_torch):
            import grader.service.parallel  # noqa: F401
        (report,) = service.grade([Task(section, file, Selection(request.exercises)) for section, file in files])
        return KernelReply(report, _predictions(files, service) if request.predicts else [])
    except (UsageError, ShellLimitError) as error:
        return KernelReply(error=str(error))
    except CourseModuleError as error:
        return KernelReply(error=error.told(course.is_kit))
    except GraderFaultError as error:
        return KernelReply(error=str(error), ours=True)
    except Exception as error:
        return KernelReply(error=f"{type(error).__name__}: {error}", ours=True)
