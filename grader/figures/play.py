"""What a student plays with on the page: their own method, run beforehand under every setting that the controls can name."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from grader.course import Section
from grader.grading.report import ExerciseResult, Report, Status
from grader.grading.verdict import judge
from grader.sandbox.calls.candidate import Candidate
from grader.sandbox.calls.student import Contract, Student
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from grader.toolkit.programs.play import losses_of_sgd, paths_down_bowl
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import EndedError, WrongAnswerError

_STEPS = 40
_START = (-9.0, 1.6)
_FAR = 100.0  # a weight or loss beyond it has diverged
_DIGITS = 4
_EXAMPLES, _CLASSES, _EPOCHS, _BINS = 120, 3, 3, 36


@dataclass(frozen=True)
class Control:
    """Something to set, and the values that it can have, as they are shown."""

    label: str
    values: tuple[str, ...]
    is_choice: bool = False  # of names, not of numbers


@dataclass(frozen=True)
class Run:
    """What is drawn of one setting; a run that diverges ends there."""

    numbers: tuple[float, ...]
    diverges: bool


@dataclass(frozen=True)
class Demo:
    """Runs to choose among: one for each value of the first control with each of the second, the second changing fastest.

    With `curvatures`, those of a bowl, a run is a path of `span` steps, x and y in turn; else it is the losses of equal parts
    of `span` examples. `missing` says what is left out, or wrong.
    """

    slug: str
    title: str
    task: str
    controls: tuple[Control, ...]
    runs: tuple[Run, ...]
    span: int
    unit: str
    curvatures: tuple[float, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def json(self) -> str:
        """All that is drawn, in a form that no HTML can come of."""
        record: dict[str, Any] = {"span": self.span, "unit": self.unit, "curvatures": self.curvatures}
        record["runs"] = [run.numbers for run in self.runs]
        record["diverges"] = [int(run.diverges) for run in self.runs]
        record["controls"] = [control.values for control in self.controls]
        return json.dumps(record, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """A table of how every run ends: a row for each value of the first control."""
        width = len(self.runs) // len(self.controls[0].values)
        ends = [self._end(run) for run in self.runs]
        return [(value, ends[n * width : (n + 1) * width]) for n, value in enumerate(self.controls[0].values)]

    def _end(self, run: Run) -> str:
        if run.diverges:
            return "diverges"
        return f"{self._loss(run.numbers[-2:]) if self.curvatures else run.numbers[-1]:.2g}"

    def _loss(self, w: Sequence[float]) -> float:
        return sum(curvature * x * x for curvature, x in zip(self.curvatures, w, strict=True)) / 2


@dataclass(frozen=True)
class _Rule:
    """How to call an update rule, and what it is called on the page."""

    exercise: str
    name: str
    num_states: int
    is_counted: bool = False


@dataclass(frozen=True)
class _Bowl:
    """A play with update rules on a bowl: `others` is a further setting by its name, or the choice among `rules`."""

    slug: str
    title: str
    task: str
    rules: tuple[_Rule, ...]
    curvatures: tuple[float, float]
    lrs: tuple[float, ...]
    betas: tuple[float, ...] = ()

    @property
    def exercises(self) -> tuple[str, ...]:
        return tuple(rule.exercise for rule in self.rules)

    def play(self, ask: "_Ask") -> Demo | None:
        found = {rule.name: paths for rule in self.rules if (paths := self._paths(ask, rule)) is not None}
        if not found:
            return None
        first = Control("Learning rate", tuple(f"{lr:.3g}" for lr in self.lrs))
        runs = [_kept(path) for paths in found.values() for path in paths]
        controls: tuple[Control, ...] = (first,)
        if self.betas:
            controls = (first, Control("Momentum", tuple(f"{beta:.2g}" for beta in self.betas)))
        elif len(self.rules) > 1:
            controls = (Control("Optimizer", tuple(found), is_choice=True), first)
        return Demo(
            self.slug, self.title, self.task, controls, tuple(runs), _STEPS, "steps", self.curvatures, ask.missing
        )

    def _paths(self, ask: "_Ask", rule: _Rule) -> Tensor | None:
        settings = [
            {"lr": lr} | ({"beta": beta} if self.betas else {}) for lr in self.lrs for beta in self.betas or (0,)
        ]
        bowl, start = torch.tensor(self.curvatures, dtype=torch.float64), torch.tensor(_START, dtype=torch.float64)

        def call(student: Student) -> Any:
            return student.run(
                paths_down_bowl, rule.exercise, bowl, start, settings, rule.num_states, rule.is_counted, _STEPS
            )

        return ask(rule.exercise, call, (len(settings), _STEPS + 1, 2))


@dataclass(frozen=True)
class _Batches:
    """A play with `sgd` on softmax regression."""

    slug: str = "play-sgd"
    title: str = "Batch size and learning rate"
    task: str = (
        "The same number of examples for every batch size: small batches make many noisy steps, large ones few exact "
        "ones. Which learning rates does a batch size of 1 bear, and which does the full batch need?"
    )
    exercises: tuple[str, ...] = ("sgd",)
    batch_sizes: tuple[int, ...] = (1, 4, 10, 30, 120)
    lrs: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)

    def play(self, ask: "_Ask") -> Demo | None:
        X, y = _blobs()
        runs: list[Run] = []
        for size in self.batch_sizes:

            def call(student: Student, size: int = size) -> Any:
                return student.run(losses_of_sgd, X, y, _CLASSES, list(self.lrs), size, _EPOCHS)

            losses = ask("sgd", call, (len(self.lrs), _EPOCHS * _EXAMPLES // size))
            if losses is None:
                return None
            runs += map(_binned, losses)
        controls = (
            Control("Batch size", tuple(map(str, self.batch_sizes))),
            Control("Learning rate", tuple(f"{lr:g}" for lr in self.lrs)),
        )
        span = _EPOCHS * _EXAMPLES
        return Demo(self.slug, self.title, self.task, controls, tuple(runs), span, "examples", (), ask.missing)


def _geometric(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (n / (count - 1)):.3g}") for n in range(count))


_PLAYS: tuple[_Bowl | _Batches, ...] = (
    _Bowl(
        "play-gradient-descent",
        "Gradient descent and its learning rate",
        "The bowl is 10 times as steep one way as the other. From which learning rate on does the path go to and fro, "
        "and at which does it leave the bowl? The steep curvature is 1: compare with 2 / 1.",
        (_Rule("gradient_descent_step", "gradient descent", 0),),
        (0.1, 1.0),
        _geometric(0.02, 2.2, 25),
    ),
    _Bowl(
        "play-momentum",
        "Momentum on an ill-conditioned bowl",
        "The bowl is 50 times as steep one way as the other. Set momentum to 0 and find the best learning rate; then "
        "raise momentum. How much larger may the learning rate be, and how much sooner are you there?",
        (_Rule("momentum_step", "heavy ball", 1),),
        (0.02, 1.0),
        _geometric(0.1, 4.0, 16),
        (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99),
    ),
    _Batches(),
    _Bowl(
        "play-optimizers",
        "Adaptive methods and their learning rate",
        "The bowl is 50 times as steep one way as the other, and an adaptive method hardly notices: it divides each "
        "gradient by its own size. Which of them still moves after 40 steps, and which one circles around the minimum?",
        (
            _Rule("adagrad_step", "AdaGrad", 1),
            _Rule("rmsprop_step", "RMSProp", 1),
            _Rule("adam_step", "Adam", 2, is_counted=True),
        ),
        (0.02, 1.0),
        _geometric(0.01, 5.0, 20),
    ),
)


def demos_of(section: Section, report: Report, submission: Submission, sandbox: Sandbox) -> list[Demo]:
    """The plays for which a section has the exercises, with the submission's functions; those that give nothing are left out.

    `report` says which exercises are worth a try.
    """
    chosen = [play for play in _PLAYS if set(play.exercises) <= set(section.exercises)]
    results = {one.name: one for one in report.exercises}
    if not any(_is_tried(results.get(name)) for play in chosen for name in play.exercises):
        return []
    candidate = sandbox.candidate(submission)
    demos = [play.play(_Ask(candidate, results)) for play in chosen]
    return [demo for demo in demos if demo is not None]


def _is_tried(result: ExerciseResult | None) -> bool:
    """Whether an exercise is right, or wrong in a way that may be worth seeing."""
    return result is not None and result.status in (Status.PASSED, Status.FAILED)


@dataclass
class _Ask:
    """Asks the submission for an array of numbers, and notes what is missing or wrong."""

    candidate: Candidate
    results: dict[str, ExerciseResult]
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.notes))

    def __call__(self, exercise: str, call: Callable[[Student], Any], shape: tuple[int, ...]) -> Tensor | None:
        """What `call` gives, if it is float64 of this shape; else None, and a note."""
        result = self.results.get(exercise)
        if not _is_tried(result):
            self.notes.append(f"{exercise} is left out: its checks come first.")
            return None
        if result is not None and not result.passed:
            self.notes.append(f"{exercise} does not pass all of its checks yet; this is what it does now.")
        with self.candidate.trial(Contract(ModuleType("none")), exercise) as trial:
            try:
                numbers = call(trial.student)
                if not isinstance(numbers, Tensor) or numbers.shape != shape or numbers.dtype is not torch.float64:
                    raise WrongAnswerError(f"Expected float64 numbers of shape {shape}.")
            except (Exception, EndedError) as error:
                self.notes.append(f"{exercise} is left out: {one_line(judge(error, trial.student).message)}")
                return None
        return numbers


def _kept(path: Tensor) -> Run:
    """A path, x and y in turn, up to where it leaves for good."""
    numbers: list[float] = []
    for x, y in path.tolist():
        if not (abs(x) < _FAR and abs(y) < _FAR):
            return Run(tuple(numbers), True)
        numbers += [_rounded(x), _rounded(y)]
    return Run(tuple(numbers), False)


def _binned(losses: Tensor) -> Run:
    """Losses as at most _BINS means of equal parts, up to where they leave for good."""
    means = [float(part.mean()) for part in losses.tensor_split(min(_BINS, len(losses)))]
    end = next((n for n, mean in enumerate(means) if not abs(mean) < _FAR), len(means))
    return Run(tuple(map(_rounded, means[:end])), end < len(means))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def _blobs() -> tuple[Tensor, Tensor]:
    """Three classes in the plane that overlap, the axes of different scale."""
    generator = torch.Generator().manual_seed(6)
    y = torch.arange(_EXAMPLES) % _CLASSES
    angles = 2 * math.pi * y / _CLASSES
    centres = torch.stack([angles.cos(), angles.sin()], 1).double()
    X = 1.5 * centres + 0.8 * torch.randn(_EXAMPLES, 2, generator=generator, dtype=torch.float64)
    return X * torch.tensor([1.0, 2.0], dtype=torch.float64), y
