"""`%grade`, `%hint` and `%predict`."""

import atexit
import base64
import difflib
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec

from grader.course import Course, UsageError
from grader.diagnosis.hints import next_hint
from grader.find_course import find_course
from grader.grading.records import Records
from grader.grading.report import Report
from grader.grading.section_progress import next_exercise
from grader.kit.answers import ask
from grader.notebook.client import GradingClient, KernelReply, KernelRequest
from grader.notebook.definitions import current_cells, stopped_definitions
from grader.predictions import EXERCISE, NAME, Answer, Prediction, Question, accepted, read_answers, table_with
from grader.sandbox.process.trust import describe_confinement
from grader.section import Section
from grader.submission.formats import SESSION
from grader.toolkit.text import harmless, visible
from grader.toolkit.verdicts import GraderFaultError

_PICTURE_WIDTH = 800  # of the output of a cell, in pixels


@contextmanager
def _as_a_magic() -> Iterator[None]:
    """Tell our errors in a sentence without a traceback, and leave the random numbers of the student as they are."""
    from IPython.core.error import UsageError as ShellError

    state = random.getstate()  # rich takes some
    try:
        yield
    except UsageError as error:
        raise ShellError(str(error)) from None
    except GraderFaultError as error:
        words = f"grader error: {error}\nThis is our fault, not yours: no points are lost. In a terminal: grade doctor"
        raise ShellError(words) from None
    finally:
        random.setstate(state)


@_as_a_magic()
def _not_above(name: str, line: str, cell: str) -> None:
    """For `%%grade` above a function: the cell would not run."""
    words = f"%{name} {line}".strip()
    raise UsageError(
        f"%%{name} does not run its cell. Delete this line, run the cell, and type in the next cell: {words}"
    )


class Magics:
    """The magics that `%load_ext grader` adds to a shell of IPython."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._client = GradingClient()
        self._said = {""}  # remarks
        self._passed: dict[str, set[str]] = {}  # section -> the exercises that passed in its last grading
        self._stopped: dict[int, int] = {}  # number of a cell -> the line of its exception

    def register(self) -> None:
        """Add the magics, and close the client when the kernel ends."""
        for function, name in ((self.grade, "grade"), (self.hint, "hint"), (self.predict, "predict")):
            self._shell.register_magic_function(function, "line", name)
            self._shell.register_magic_function(partial(_not_above, name), "cell", name)
        self._shell.events.register("post_run_cell", self.note_end)
        atexit.register(self._client.close)

    def unregister(self) -> None:
        """Undo `register`."""
        for name in ("grade", "hint", "predict"):
            for kind in ("line", "cell"):
                self._shell.magics_manager.magics[kind].pop(name, None)
        self._shell.events.unregister("post_run_cell", self.note_end)
        atexit.unregister(self._client.close)
        self._client.close()

    @_as_a_magic()
    def grade(self, line: str) -> None:
        """Grade what this kernel has defined: %grade EXERCISE, or %grade SECTION; %grade alone for the whole section."""
        from grader.render.web.notebook import graded, predicted

        course, section, exercises = self._meant(line)
        request, report, _ = self._graded(course, section, exercises)
        _display(graded(report))
        self._say_once(describe_confinement(report.sandbox, own=True))
        if not exercises and (unanswered := self._unanswered(section)):
            _display(predicted(section, unanswered))
        self._draw(request, report)

    def _unanswered(self, section: Section) -> list[Prediction]:
        """The questions without an answer in this kernel."""
        answers = accepted(section.questions, read_answers(self._shell.user_ns.get(NAME)))
        return [Prediction(question) for question in section.questions if question.key not in answers]

    def _draw(self, request: KernelRequest, report: Report) -> None:
        """Show the pictures of exercises that pass, if they were asked for by name, or did not pass the last time."""
        passed = {one.name for one in report.exercises if one.passed} - {EXERCISE}
        before = self._passed.get(request.section, set())
        new = passed if request.exercises else passed - before
        self._passed[request.section] = passed | (before - {one.name for one in report.exercises})
        reply = self._client.ask(msgspec.structs.replace(request, draws=tuple(sorted(new)))) if new else KernelReply()
        for picture in reply.pictures:
            data = {"image/png": base64.b64encode(picture.png).decode(), "text/plain": visible(picture.text)}
            _display(data, raw=True, metadata={"image/png": {"width": _PICTURE_WIDTH}})

    @_as_a_magic()
    def predict(self, line: str) -> None:
        """Predict what will happen, then compare with what your functions do: %predict SECTION."""
        from grader.render.web.notebook import predicted

        course, section, _ = self._meant(line)
        if not section.questions:
            raise UsageError(f"{section.id} asks for no predictions. To grade it: %grade")
        _, report, found = self._graded(course, section, (EXERCISE,), predicts=True)
        answers = _ask_all([one.question for one in found if one.predicted is None and not one.missing])
        if answers:
            given = {one.question.key: one.predicted for one in found if one.predicted is not None}
            text = table_with(section.contract.read_text(encoding="utf-8"), given | answers)
            self._shell.set_next_input(text, replace=False)
            print(f"Run the new cell below, and keep it: it holds your predictions. Then: %predict {section.id}")
            return
        _display(predicted(section, found))
        self._say_once(describe_confinement(report.sandbox, own=True))

    def _graded(
        self, course: Course, section: Section, exercises: tuple[str, ...], predicts: bool = False
    ) -> tuple[KernelRequest, Report, list[Prediction]]:
        """Grade the definitions of this kernel, and keep the Report; with `predicts`, compute outcomes, too."""
        history = [one if isinstance(one, str) else "" for one in self._shell.history_manager.input_hist_raw]
        names = {name for name, value in self._shell.user_ns.items() if callable(value)}
        near = [difflib.get_close_matches(name, names, n=1) for name in section.functions if name not in names]
        wanted = (*section.functions, NAME, *(name for names in near for name in names))
        source = current_cells(history, self._shell.user_ns, wanted, self._stopped)
        request = KernelRequest(str(course.root), section.id, exercises, SESSION, source, predicts)
        reply = self._client.ask(request)
        assert reply.report is not None, "neither a Report nor an error"
        Records(course).keep(section, reply.report, source)
        report = _with_stopped(reply.report, section, stopped_definitions(history, source, self._stopped))
        return request, report, reply.predictions

    @_as_a_magic()
    def hint(self, line: str) -> None:
        """Show the next hint, from gentle to direct: %hint EXERCISE."""
        from grader.render.web.notebook import hinted

        course, section, exercises = self._meant(line)
        records = Records(course)
        name = exercises[0] if exercises else next_exercise(section, records, functions_only=True)
        if name is None:
            raise UsageError(f"{section.id} is right, so it needs no hint. Name an exercise: %hint NAME")
        found = next_hint(section, name, records)
        if found is None:
            raise UsageError(f"There are no hints for {name} in this course. Its text may help.")
        _display(hinted(found))

    def note_end(self, result: Any) -> None:
        """Remember the line where a cell stopped: definitions below it do not exist."""
        number, error = result.execution_count, result.error_in_exec
        traceback = getattr(error, "__traceback__", None)
        while traceback is not None and traceback.tb_frame.f_globals is not self._shell.user_ns:
            traceback = traceback.tb_next
        if isinstance(number, int) and traceback is not None:
            within = str(result.info.raw_cell).startswith("%%")  # a cell magic's own line does not count
            self._stopped[number] = traceback.tb_lineno + within

    def _say_once(self, remark: str) -> None:
        if remark not in self._said:
            self._said.add(remark)
            print(f"  Note:  {harmless(remark)}")

    def _meant(self, line: str) -> tuple[Course, Section, tuple[str, ...]]:
        """The section and exercises that the words after a magic name; without words, the current section."""
        course, words = find_course(), line.split()
        if words and not any(words[0] in section.exercises for section in course.sections):
            if len(words) > 1 or _names_section(course, words[0]):
                section = course.find(words.pop(0))
                return course, section, tuple(map(section.find_exercise, words))
            raise _unknown(course, words[0])
        sections = [section for section in course.sections if words and words[0] in section.exercises]
        section = self._current_section(sections or list(course.sections))
        return course, section, tuple(map(section.find_exercise, words))

    def _current_section(self, sections: Sequence[Section]) -> Section:
        """The section with the most exercises defined here."""
        counts = [self._count(section) for section in sections]
        if len(sections) > 1 and max(counts) == 0:
            raise UsageError("No exercise is defined here yet: run the cells with your functions first. Then: %grade")
        return sections[counts.index(max(counts))]

    def _count(self, section: Section) -> int:
        """The number of a section's exercises and questions in the kernel."""
        table = self._shell.user_ns.get(NAME)
        keys = table.keys() if isinstance(table, dict) else set()
        asked = {question.key for question in section.questions}
        return len(self._shell.user_ns.keys() & set(section.functions)) + len(keys & asked)


def _with_stopped(report: Report, section: Section, stopped: Mapping[str, tuple[int, int]]) -> Report:
    """The Report, with a notice about each graded function whose newest definition an error stopped."""
    graded = {one.name for one in report.exercises}
    told = [
        f"An error in In[{newest}] stopped the newest definition of {name}. The kernel still has the older one, of In[{older}], "
        "and this grades the older one. Fix the error, and run the cell again."
        for name, (newest, older) in stopped.items()
        if name in graded or name not in section.functions
    ]
    return msgspec.structs.replace(report, notice="\n".join([*told, *filter(None, [report.notice])]))


def _ask_all(questions: Sequence[Question]) -> dict[str, Answer]:
    """Ask these questions. An interrupt, or a notebook without input, ends them."""
    answers: dict[str, Answer] = {}
    for question in questions:
        print(f"\n{question.text}")
        try:
            answer = ask(question, None, input, print)
        except (KeyboardInterrupt, EOFError, NotImplementedError):
            break
        if answer is not None:
            answers[question.key] = answer
    return answers


def _names_section(course: Course, word: str) -> bool:
    try:
        course.find(word)
    except UsageError:
        return False
    return True


def _unknown(course: Course, word: str) -> UsageError:
    names = [name for section in course.sections for name in (*section.exercises, section.id)]
    close = difflib.get_close_matches(word, names, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    return UsageError(f'There is no exercise or section "{word}".{meant} Try: %grade {(close or names)[0]}')


def _display(shown: Any, **options: Any) -> None:
    from IPython.display import display

    display(shown, **options)


_PLACE = "grader_magics"  # an attribute of the shell


def load(shell: Any) -> None:
    """Register the magics."""
    magics = Magics(shell)
    magics.register()
    setattr(shell, _PLACE, magics)


def unload(shell: Any) -> None:
    """Unregister the magics, and end their process."""
    magics = getattr(shell, _PLACE, None)
    if magics is not None:
        magics.unregister()
        delattr(shell, _PLACE)
