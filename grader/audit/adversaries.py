"""Make submissions that must earn nothing, for every exercise, from the solution."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import Section
from grader.diagnosis.mistakes import definition_in, in_its_place
from grader.grading.reach import definitions

_TEXT = Path(__file__).with_name("adversary_code.py")

# name: how the exercise is made of `right`, the solution's function.
_WRAPPERS = {
    "fills with NaN": 'vandal({right}, float("nan"))',
    "fills with zeros": "vandal({right}, 0.0)",
    "fills with huge numbers": "vandal({right}, 1e30)",
    "reads answers": "reader({right})",
    "answers with the call before": "forgetful({right})",
    "raises MemoryError": "starved({right}, MemoryError)",
    "says that memory is short": "starved({right}, RuntimeError)",
}


@dataclass(frozen=True)
class Adversary:
    """A submission in which one exercise does no honest work."""

    name: str
    exercise: str
    source: bytes


def adversaries_of(section: Section) -> Iterator[Adversary]:
    """Every adversary of every exercise."""
    solution, kit = section.solution.read_text(encoding="utf-8"), _TEXT.read_text(encoding="utf-8")
    for exercise in section.functions:
        for name, text in _trivial(section, exercise).items():
            yield Adversary(name, exercise, in_its_place(solution, exercise, text).encode())
        for name, wrapper in _WRAPPERS.items():
            yield Adversary(name, exercise, wrapped(section, exercise, kit, wrapper).encode())


def _trivial(section: Section, exercise: str) -> dict[str, str]:
    """Trivial answers. The error names every argument, so that a check of error messages cannot refuse it."""
    definition = definitions(section.solution)[exercise]
    if isinstance(definition, ast.ClassDef):
        head = f"class {exercise}(nn.Module):\n    def __init__(self, *args, **kwargs):\n        super().__init__()\n"
        return {
            "does nothing": head,
            "returns its input": head + "\n    def forward(self, X):\n        return X",
            "returns zeros": head
            + "\n    def forward(self, X):\n        return torch.zeros(len(X), 10, dtype=X.dtype)",
            "always raises": f"class {exercise}(nn.Module):\n    def __init__(self, *a, **k):\n        raise ValueError",
        }
    arguments = definition.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    head = f"def {exercise}({', '.join(f'{name}=None' for name in names)}):\n"
    first = names[0] if names else "None"
    zeros = f"import torch\n    return torch.zeros_like({first}) if isinstance({first}, torch.Tensor) else 0.0"
    texts = {
        "does nothing": head + "    return None",
        "returns its input": head + f"    return {first}",
        "returns zeros": head + f"    {zeros}",
        "always raises": head + f"    raise ValueError({' '.join(names)!r})",
    }
    claims = _TEXT.read_text(encoding="utf-8") + "\n\nclaim_success()\n\n\n"
    return texts | {f"{name}, and claims success": claims + texts[name] for name in ("does nothing", "returns zeros")}


def wrapped(section: Section, exercise: str, kit: str, wrapper: str) -> str:
    """The solution, with `wrapper` around the function of an exercise, or around the `forward` of a class.

    `wrapper` is an expression about `{right}`, with names that the text `kit` defines.
    """
    solution = section.solution.read_text(encoding="utf-8")
    right = definition_in(solution, exercise)
    if isinstance(definitions(section.solution)[exercise], ast.ClassDef):
        made = f"{exercise}.forward = {wrapper.format(right=f'{exercise}.forward')}"
        return in_its_place(solution, exercise, f"{kit}\n\n{right}\n\n\n{made}")
    renamed = re.sub(rf"(?m)^def {exercise}\b", f"def right_{exercise}", right, count=1)
    text = (
        f"{kit}\n\n{renamed}\n\n\nhidden_{exercise} = {wrapper.format(right=f'right_{exercise}')}\n\n\n"
        f"def {exercise}(*args, **kwargs):\n    return hidden_{exercise}(*args, **kwargs)"
    )
    return in_its_place(solution, exercise, text)
