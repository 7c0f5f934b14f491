"""Ask a student a question, in a terminal or in a notebook."""

import math
from collections.abc import Callable

from grader.predictions import Answer, Question, written


def ask(
    question: Question, before: Answer | None, prompt: Callable[[str], str], say: Callable[[str], object]
) -> Answer | None:
    """The typed answer; None if the student only presses Enter."""
    for place, choice in enumerate(question.choices, 1):
        say(f"       {place}  {choice}")
    kind = f"1 to {len(question.choices)}" if question.choices else "a number"
    enter = "Enter leaves it open" if before is None else f"Enter keeps {written(before)}"
    while True:
        typed = prompt(f"     Your prediction ({kind}; {enter}): ").strip()
        if not typed:
            return None
        answer = _read(question, typed)
        if answer is not None:
            return answer
        say(f"     This is not an answer. Type {kind}, then press Enter.")


def _read(question: Question, typed: str) -> Answer | None:
    """The answer that was typed: a number, or a choice by its number or its words. None if it is not an answer."""
    if typed in question.choices:
        return typed
    try:
        number = float(typed)
    except ValueError:
        return None
    if not question.choices:
        return number if math.isfinite(number) else None
    place = int(number) if number.is_integer() else 0
    return question.choices[place - 1] if 1 <= place <= len(question.choices) else None
