"""Make submissions that must earn nothing, for every exercise, from the solution."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.diagnosis.known_mistakes import definition_in, in_its_place
from grader.grading.reach import definitions
from grader.section import Section

_TEXT = Path(__file__).with_name("adversary_code.py")

PARTS = 3
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


_ZEROS = """\
def zeros_for(first=None, *_):
    import sys, numpy
    torch = sys.modules.get("torch")
    if torch is None:
        return numpy.zeros((len(first), 10), first.dtype) if isinstance(first, numpy.ndarray) else numpy.zeros(())
    return torch.zeros(len(first), 10, dtype=first.dtype) if torch.is_tensor(first) else torch.tensor(0.0)"""


@dataclass(frozen=True)
class Adversary:
    """A submission in which one exercise does no honest work."""

    name: str
    exercise: str
    source: bytes


def adversaries_of(section: Section) -> list[Adversary]:
    """Every adversary of every exercise."""
    return list(_adversaries(section))


def part_of(adversaries: Sequence[Adversary]) -> list[Adversary]:
    """A third of the adversaries of a section, always the same.

    Each exercise meets every third kind, and each kind every third exercise. With fewer exercises than three it is a larger
    part, so that each kind meets one.
    """
    kinds = list(dict.fromkeys(one.name for one in adversaries))
    exercises = list(dict.fromkeys(one.exercise for one in adversaries))
    parts = min(PARTS, len(exercises))
    return [one for one in adversaries if (kinds.index(one.name) + exercises.index(one.exercise)) % parts == 0]


def _adversaries(section: Section) -> Iterator[Adversary]:
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
        return _trivial_classes(section, definition)
    arguments = definition.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    head = f"def {exercise}({', '.join(f'{name}=None' for name in names)}):\n"
    first = names[0] if names else "None"
    zeros = (
        f"import sys, numpy\n    if isinstance({first}, numpy.ndarray):\n        return numpy.zeros_like({first})\n"
        '    torch = sys.modules.get("torch")\n'
        f"    return torch.zeros_like({first}) if torch and isinstance({first}, torch.Tensor) else 0.0"
    )
    texts = {
        "does nothing": head + "    return None",
        "returns its input": head + f"    return {first}",
        "returns zeros": head + f"    {zeros}",
        "always raises": head + f"    raise ValueError({' '.join(names)!r})",
    }
    claims = _TEXT.read_text(encoding="utf-8") + "\n\nclaim_success()\n\n\n"
    return texts | {f"{name}, and claims success": claims + texts[name] for name in ("does nothing", "returns zeros")}


def _trivial_classes(section: Section, definition: ast.ClassDef) -> dict[str, str]:
    """The solution's class, with public methods that do nothing, and a class that cannot be made."""
    name = definition.name
    right = _renamed(section, name)
    head = f"{right}\n\n\n{_ZEROS}\n\n\nclass {name}(right_{name}):\n"
    answers = {
        "does nothing": "return None",
        "returns its input": "return args[0] if args else None",
        "returns zeros": "return zeros_for(*args)",
    }
    texts = {
        kind: head
        + "\n\n".join(f"    def {one}(self, *args, **kwargs):\n        {answer}" for one in _methods(definition))
        for kind, answer in answers.items()
    }
    makers = [one.args for one in definition.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    names = " ".join(one.arg for arguments in makers for one in (*arguments.args[1:], *arguments.kwonlyargs))
    texts["always raises"] = head + f"    def __init__(self, *args, **kwargs):\n        raise ValueError({names!r})"
    return texts


def _methods(definition: ast.ClassDef) -> list[str]:
    """The names of the public methods of a class."""
    return [one.name for one in definition.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")]


def _renamed(section: Section, exercise: str) -> str:
    """The solution's definition of an exercise, with "right_" before its name."""
    right = definition_in(section.solution.read_text(encoding="utf-8"), exercise)
    return re.sub(rf"(?m)^(def|class) {exercise}\b", rf"\1 right_{exercise}", right, count=1)


def wrapped(section: Section, exercise: str, kit: str, wrapper: str) -> str:
    """The solution, with `wrapper` around the function of an exercise, or around each public method of a class.

    `wrapper` is an expression about `{right}`, with names that the text `kit` defines.
    """
    solution = section.solution.read_text(encoding="utf-8")
    definition = definitions(section.solution)[exercise]
    if isinstance(definition, ast.ClassDef):
        places = [f"{exercise}.{method}" for method in _methods(definition)]
        made = "\n".join(f"{place} = {wrapper.format(right=place)}" for place in places)
        return in_its_place(solution, exercise, f"{kit}\n\n{definition_in(solution, exercise)}\n\n\n{made}")
    text = (
        f"{kit}\n\n{_renamed(section, exercise)}\n\n\nhidden_{exercise} = {wrapper.format(right=f'right_{exercise}')}\n\n\n"
        f"def {exercise}(*args, **kwargs):\n    return hidden_{exercise}(*args, **kwargs)"
    )
    return in_its_place(solution, exercise, text)
