"""Section 9: training and validation, optimizers, the learning rate, what a classifier confuses, its worst mistakes.

`train_classifier` has a minute for 60,000 images; for a figure it gets 2,000 images and a few seconds.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor
from torch.nn.functional import cross_entropy

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import plain_ticks, short
from grader.toolkit.verdicts import WrongAnswerError

from ..shared.digits import digits, fresh_network
from ..shared.programs import descend, logits
from .coasting import Coasting
from .programs import classify_with_kept, train_and_keep
from .training_runs import HELD_OUT, Curves, Race


class _OfClassifier(Figure):
    """The predictions of a classifier after a short training; two figures share them."""

    exercises = ("train_classifier",)
    call_cpu_seconds = 4.0
    examples = 2000

    def gather(self, work: Work) -> None:
        work.share("classifier", self._read)

    def _read(self, work: Work) -> None:
        count = HELD_OUT[1] - HELD_OUT[0]
        work.ask(
            "logits", "train_classifier", self._logits, (count, 10), dtype=torch.float32, exact=False, beside=False
        )
        limit = f"{self.call_cpu_seconds:g} seconds of computing"
        if work.missing.get("logits", "").startswith(f"train_classifier did not finish within {limit} time"):
            work.missing["logits"] = (
                f"Even for {self.examples:,} images train_classifier takes more than {limit}: no picture."
            )

    def _logits(self, functions: Any) -> Tensor:
        data = digits(0, self.examples, torch.float32)
        kind, _, _ = functions.run(
            train_and_keep, data[0].clone(), data[1].clone(), torch.Generator().manual_seed(0), seed=0
        )
        if kind:
            raise WrongAnswerError(f"train_classifier should return the trained model, an nn.Module, not {kind}.")
        outputs, *_ = functions.run(classify_with_kept, digits(*HELD_OUT, torch.float32)[0])
        return torch.cat(outputs)

    def labels(self) -> Array:
        """The labels of the held-out digits."""
        found: Array = digits(*HELD_OUT, torch.float32)[1].numpy()
        return found


class Confusion(_OfClassifier):
    """A confusion matrix of the digits."""

    slug = "confusion"
    size = (7.0, 5.6)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        axes.set(
            xlabel="read as", ylabel="the digit", xticks=range(10), yticks=range(10), xlim=(-0.5, 9.5), ylim=(9.5, -0.5)
        )
        axes.grid(False)
        scores, title = data.yours("logits"), "A classifier confuses digits that look alike"
        alt = "A table: a row for each digit, a column for each predicted digit; the more mistakes, the stronger the shade."
        if scores is None:
            canvas.say(axes, data.missing["logits"], at="center")
            return Words(title, alt)
        counts = self.counts(scores)
        wrong = np.where(np.eye(10, dtype=bool), 0, counts)
        # From the page's colour: rare mistakes are faint, and the most frequent one stands out.
        shades = LinearSegmentedColormap.from_list("counts", [canvas.theme.page, canvas.theme.series[0]])
        axes.imshow(wrong, cmap=shades, vmin=0, vmax=max(wrong.max(), 1))
        for (row, column), count in np.ndenumerate(counts):
            if count:
                ink = canvas.theme.page if wrong[row, column] > wrong.max() / 2 else canvas.theme.ink
                axes.text(
                    column,
                    row,
                    str(count),
                    ha="center",
                    va="center",
                    color=ink,
                    fontweight="bold" if row == column else None,
                )
        axes.set_title(f"{len(scores):,} new digits, after training on {self.examples:,}; the diagonal is right")
        row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
        title = f"{100 * counts.trace() / counts.sum():.1f} % of new digits are read"
        if wrong.any():
            title += f"; most often {row} is taken for {column}, {wrong.max()} times"
        return Words(title, alt)

    def counts(self, scores: Array) -> Array:
        """How often each digit (row) is read as each (column)."""
        found = np.zeros((10, 10), dtype=int)
        np.add.at(found, (self.labels(), scores.argmax(1)), 1)
        return found


class WorstMistakes(_OfClassifier):
    """The ten digits that are misread with the greatest loss."""

    slug = "worst-mistakes"
    size = (8.0, 4.6)
    shown = 10

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        scores = data.yours("logits")
        alt = "Images of misread digits, the largest loss first, each with its label, the predicted digit and its loss."
        if scores is None:
            (axes,) = canvas.axes()
            axes.set_axis_off()
            canvas.say(axes, data.missing["logits"], at="center")
            return Words("The worst mistakes show what a classifier has not learned", alt)
        panels = canvas.axes(2, self.shown // 2)
        for axes in panels:
            axes.set_axis_off()
        ink_on_page = LinearSegmentedColormap.from_list("ink on page", [canvas.theme.page, canvas.theme.ink])
        worst, losses = self.worst(scores), self.losses(scores)
        images = digits(*HELD_OUT, torch.float32)[0].reshape(-1, 28, 28)
        parts = []
        for axes, number in zip(panels, worst, strict=False):
            label, read = int(self.labels()[number]), int(scores[number].argmax())
            axes.imshow(images[number], cmap=ink_on_page)
            axes.set_title(f"{label}, read as {read}", loc="center")
            loss = f"{losses[number]:.2f}"
            axes.text(0.5, -0.04, f"loss {loss}", transform=axes.transAxes, ha="center", va="top", fontsize=9)
            parts.append((label, read, loss))
        if not parts:
            return Words(f"All {len(scores):,} new digits are read", alt)
        label, read, loss = parts[0]
        return Words(f"The largest loss on new digits, {loss}: this {label} is read as {read}", alt)

    def worst(self, scores: Array) -> Array:
        """The indices of misread images, sorted by loss, largest first."""
        order = np.argsort(-self.losses(scores), kind="stable")
        found: Array = order[scores.argmax(1)[order] != self.labels()[order]][: self.shown]
        return found

    def losses(self, scores: Array) -> Array:
        """The cross-entropy of each image."""
        labels = torch.from_numpy(self.labels())
        found: Array = cross_entropy(torch.from_numpy(scores).double(), labels, reduction="none").numpy()
        return found


class ScoreAgainstRate(Figure):
    """Random trials of the learning rate, and the score of every rate."""

    slug = "score-against-rate"
    exercises = ("search_hyperparameters",)
    low, high, trials = 1e-4, 10.0, 30

    def gather(self, work: Work) -> None:
        grid = np.geomspace(self.low, self.high, 21)
        work.arrays.update(lr=grid, score=np.array([score_of(lr) for lr in grid.tolist()]))
        shapes = {"best": (), "trials": (self.trials, 2)}
        work.ask_several(shapes, "search_hyperparameters", self._search, exact=False, beside=False)
        best, trials = work.arrays.get("best"), work.arrays.get("trials")
        if (
            best is not None
            and trials is not None
            and not (trials[trials[:, 0] == best, 1] == trials[:, 1].max()).any()
        ):
            work.missing["best"] = "search_hyperparameters does not return the learning rate with the highest score."
        elif trials is not None and (trials[:, 0] > np.sqrt(self.low * self.high)).all():  # by chance: once in 10^9
            work.missing["trials"] = (
                f"No trial is below {np.sqrt(self.low * self.high):.2g}: is the logarithm drawn uniformly?"
            )

    def _search(self, functions: Any) -> tuple[float, Tensor]:
        generator = torch.Generator().manual_seed(1)
        best, trials = functions.search_hyperparameters(score_of, self.low, self.high, self.trials, generator)
        return float("nan") if best is None else best, torch.tensor(trials, dtype=torch.float64)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        best, trials = data.yours("best"), data.yours("trials")
        axes.plot(
            data.arrays["lr"],
            100 * data.arrays["score"],
            **canvas.thin,
            label=f"score at {len(data.arrays['lr'])} rates",
        )
        if trials is not None:
            axes.plot(trials[:, 0], 100 * trials[:, 1], linestyle="none", marker="o", markersize=6.5,
                      color=canvas.theme.series[0], label=f"{self.trials} trials")  # fmt: skip
            axes.plot(trials[:, 0], np.full(len(trials), 3.0), linestyle="none", marker="|", markersize=11,
                      color=canvas.theme.series[0], clip_on=False)  # fmt: skip
        if best is not None and trials is not None and (trials[:, 0] == best).any():
            top = 100 * trials[trials[:, 0] == best, 1].max()
            axes.plot(float(best), top, marker="*", markersize=19, linestyle="none", color=canvas.theme.series[1],
                      markeredgecolor="#ffffff", zorder=5, label="best_lr")  # fmt: skip
        axes.set(xscale="log", xlim=(self.low / 1.4, self.high * 1.4), ylim=(0, 100))
        axes.set(xlabel="learning rate η", ylabel="score: validation digits read (%)")
        plain_ticks(axes.xaxis, (0.0001, 0.001, 0.01, 0.1, 1, 10))
        canvas.key(axes, data)
        canvas.say(axes, *dict.fromkeys(data.missing.values()), at="upper left")
        return Words(self._title(best, trials), self._alt())

    def _title(self, best: Array | None, trials: Array | None) -> str:
        if best is None or trials is None:
            return "The order of magnitude of a learning rate matters most"
        above = int((trials[:, 0] > 0.1 * self.high).sum())
        score = trials[trials[:, 0] == best, 1]
        found = f" scores {short(100 * score.max())} %" if len(score) else ""
        return (
            f"The best rate, {float(best):.2g},{found}; {above} of {self.trials} trials are above {0.1 * self.high:g}"
        )

    def _alt(self) -> str:
        return (
            "The score against the learning rate on a log axis: low for rates that are too small, high on a plateau, lower for "
            "rates that are too large. Points are the trials, marks at the bottom show their rates, a star marks the best."
        )


@lru_cache(maxsize=256)
def score_of(lr: float) -> float:
    """The share of validation digits that a small network reads after a few steps with this learning rate."""
    weights, (X, y) = fresh_network(20, dtype=torch.float32), digits(0, 200, torch.float32)

    def update(params: list[Tensor], grads: list[Tensor], _: int) -> None:
        for weight, gradient in zip(params, grads, strict=True):
            weight.sub_(lr * gradient)

    for _ in descend(update, weights, X, y, 25):
        pass
    images, labels = digits(HELD_OUT[0], HELD_OUT[0] + 500, torch.float32)
    return float((logits(weights, images).argmax(1) == labels).double().mean())


FIGURES = (Curves(), Race(), ScoreAgainstRate(), Coasting(), Confusion(), WorstMistakes())
