"""The attacks that forge answers of the tiny course, tried in the place of every exercise of the same kind.

The kind is that of the answer: `mean` stands for exercises that return a float, `scale` for those that return a tensor,
`shift_in_place` for those that work in place.
"""

import ast
from collections.abc import Iterator

from grader.audit.adversaries import wrapped
from grader.course import Course
from grader.grading.reach import definitions
from grader.section import Section
from tests.attacks.corpus import TARGETS_LINE, Attack, attacks
from tests.attacks.wrapped import CONVERTED

FAMILIES = (
    "complex",
    "infinity",
    "nan",
    "lying",
    "patches",
    "frames",
)  # what may depend on the exercise, as its answer does
# How an exercise is answered by the attack's function of its kind.
_KINDS = {
    "mean": "lambda *args, **kwargs: mean(_tensor(args))",
    "scale": "lambda *args, **kwargs: scale(_tensor(args), 2.0)",
    "shift_in_place": "lambda params, *args, **kwargs: shift_in_place(params, 1.0)",
}
_TENSOR = """

def _tensor(args):
    import torch
    return next((arg for arg in args if isinstance(arg, torch.Tensor)), torch.ones(2))
"""


def kind_of(section: Section, exercise: str) -> str | None:
    """The function of the tiny course that replaces an exercise; None if there is none."""
    definition = definitions(section.solution)[exercise]
    if not isinstance(definition, ast.FunctionDef) or definition.returns is None:
        return None
    result = ast.unparse(definition.returns)
    return {"float": "mean", "Tensor": "scale", "None": "shift_in_place"}.get(result)


def forgeries() -> list[Attack]:
    """The attacks of `FAMILIES` that earn nothing with a function of a kind, and are one file that needs nothing else."""
    return [
        attack
        for attack in attacks("forging")
        if attack.path.stem.startswith(FAMILIES)
        and attack.section == "tiny"
        and not (attack.beside or attack.needs or TARGETS_LINE in attack.text)
        and any(points == 0 for name, (_, points) in attack.expected.items() if name in _KINDS)
    ]


def exercises_for(attack: Attack, course: Course) -> Iterator[tuple[Section, str, str]]:
    """Section, exercise and source of each hand-in."""
    kinds = [name for name, (_, points) in attack.expected.items() if points == 0]
    for section in (course.find(name) for name in CONVERTED):
        for exercise in section.functions:
            kind = kind_of(section, exercise)
            if kind in kinds:
                kit = attack.text.decode() + _TENSOR
                yield section, exercise, wrapped(section, exercise, kit, _KINDS[kind])
