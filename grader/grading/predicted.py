"""Whether a question of a section has an answer in a submission, and the message if it has none."""

import difflib
from collections.abc import Mapping

from grader.grading.report import Status
from grader.grading.verdict import DecidedError, Verdict
from grader.predictions import COMPUTED, NAME, RENAMED, Answer, Question
from grader.section import Section
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import WrongAnswerError

_KEY_SHOWN = 60  # characters


def expect_predicted(section: Section, question: Question, answers: Mapping[str, Answer | None]) -> None:
    """Raise unless the question has an answer of the kind that it asks for, right or wrong."""
    where = f'{NAME}["{question.key}"]'
    answer = answers.get(question.key)
    if answer is None and COMPUTED in answers:
        raise WrongAnswerError(
            f"{NAME} is computed, and the grader reads it without running it. Write {NAME} = {{...}}."
        )
    if answer is None and RENAMED in answers:
        name = one_line(str(answers[RENAMED]), _KEY_SHOWN)
        raise WrongAnswerError(f"The grader finds no {NAME}. Is {name} meant? Then rename it to {NAME}.")
    unknown = [key for key in answers if key not in {one.key for one in section.questions}]
    if question.key not in answers and (near := difflib.get_close_matches(question.key, unknown, n=1)):
        raise WrongAnswerError(f'{where} is missing. Is the key "{one_line(near[0], _KEY_SHOWN)}" a slip of the pen?')
    if answer is None:
        raise DecidedError(Verdict(Status.NOT_STARTED, f"Not answered yet. Type: grade predict {section.id}"))
    if not question.accepts(answer):
        alone = "" if question.choices else " alone, such as 12.5: no quotation marks, no unit, no arithmetic"
        raise WrongAnswerError(f"{where} is not an answer to this question. Write {question.allowed}{alone}.")
