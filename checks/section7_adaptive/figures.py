"""Section 7: loss curves by learning rate, adaptive rates, steps of single weights, first-layer weights, the fair race."""

from functools import partial
from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import plain_ticks
from grader.toolkit.verdicts import WrongAnswerError

from ..shared.digits import PIXELS, digits, examples, fresh_network
from ..shared.programs import descend, logits
from .programs import moves_of_weights, train_adaptively, train_at_rates
from .race import PLAIN, RATES, RULES, STEPS, ask_for, plain_losses

EXAMPLES, HIDDEN = 400, 20
VERDICTS = ("too low", "good", "too high", "diverges")


def descent_losses(lr: float, steps: int, seed: int = 0) -> list[float]:
    """The training losses of gradient descent."""

    def update(params: list[torch.Tensor], grads: list[torch.Tensor], _: int) -> None:
        for weight, gradient in zip(params, grads, strict=True):
            weight.sub_(lr * gradient)

    return list(descend(update, fresh_network(HIDDEN, seed=seed), *digits(0, EXAMPLES), steps))


def loss_axes(axes: Axes, steps: int, lowest: float, highest: float) -> None:
    """A log axis of losses from `lowest` to `highest`; curves may leave it."""
    axes.set(yscale="log", xlim=(0, steps), ylim=(lowest, highest), xlabel="step", ylabel="training loss (nats)")
    plain_ticks(axes.yaxis, tuple(10.0**power for power in range(-5, 3) if lowest <= 10.0**power <= highest))


class LearningRates(Figure):
    """Loss curves of four learning rates, one for each verdict."""

    slug = "learning-rates"
    exercises = ("diagnose_learning_rates",)
    rates = (100.0, 1.0, 0.3, 0.005)
    series = (1, 3, 2, 0)
    steps = 60

    def gather(self, work: Work) -> None:
        curves = {lr: descent_losses(lr, self.steps) for lr in self.rates}
        work.arrays["losses"] = np.array(list(curves.values()))

        def verdicts(functions: Any) -> list[int]:
            found = functions.diagnose_learning_rates({lr: list(losses) for lr, losses in curves.items()})
            if set(found) != set(curves):
                raise WrongAnswerError("diagnose_learning_rates did not judge exactly the rates of the sweep.")
            if not set(found.values()) <= set(VERDICTS):
                raise WrongAnswerError("diagnose_learning_rates returned a verdict that is none of the four.")
            return [VERDICTS.index(found[lr]) for lr in self.rates]

        work.ask("verdicts", "diagnose_learning_rates", verdicts, (len(self.rates),))

    def _curve(self, losses: Array, place: int) -> tuple[Array, Array]:
        return np.arange(self.steps + 1), losses[place]

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        verdicts = data.yours("verdicts")
        said = [] if verdicts is None else [VERDICTS[int(verdict)] for verdict in verdicts]
        labels = [f"η = {lr:g}" for lr in self.rates]
        if said:
            labels = [f"{label}: {verdict}" for label, verdict in zip(labels, said, strict=True)]
        for place, label in enumerate(labels):
            curve: dict[str, Any] = {"label": label, "series": self.series[place]}
            canvas.curve(axes, data, "losses", partial(self._curve, place=place), **curve)
        loss_axes(axes, self.steps, 0.03, 200)
        canvas.key(axes, data)
        if "verdicts" in data.missing:
            canvas.say(axes, data.missing["verdicts"], at="upper right")
        title = "The loss curves of a sweep show which learning rates are right"
        if said:
            parts = [f"{lr:g} {verdict}" for lr, verdict in zip(self.rates, said, strict=True)]
            title = f"Judged by loss curves: η = {', '.join(parts)}"
        alt = (
            f"The training loss of a small network on {EXAMPLES} digits, on a log axis, against the step of gradient descent, "
            f"for four learning rates. At {self.rates[0]:g} it explodes, at {self.rates[1]:g} it falls and then stays high, at "
            f"{self.rates[2]:g} it falls furthest, at {self.rates[3]:g} it hardly changes."
        )
        return Words(title, alt)


class RatesThatAdapt(Figure):
    """The bold driver and a decay, both from the same rate, which is too high for the whole run."""

    slug = "rates-that-adapt"
    exercises = ("bold_driver", "inverse_time_decay")
    lr, low, decay, steps = 1.0, 0.02, 0.2, 80
    runs = (
        ("bold", "bold_driver", lr, f"bold driver from {lr:g}", 0),
        ("bold_low", "bold_driver", low, f"bold driver from {low:g}", 2),
        ("inverse", "inverse_time_decay", lr, "inverse time decay", 1),
    )

    def gather(self, work: Work) -> None:
        work.arrays["constant_loss"] = np.array(descent_losses(self.lr, self.steps))
        for name, rule, lr, _, _ in self.runs:
            shapes = {f"{name}_loss": (self.steps + 1,), f"{name}_rate": (self.steps,)}
            work.ask_several(shapes, rule, partial(self._run, rule=rule, lr=lr))

    def _run(self, functions: Any, rule: str, lr: float) -> Any:
        data = digits(0, EXAMPLES)
        return functions.run(train_at_rates, rule, fresh_network(HIDDEN), *data, lr, self.steps, self.decay)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2)
        steps = np.arange(self.steps + 1)
        quiet: dict[str, Any] = {"color": canvas.theme.quiet, "linewidth": 1.4, "linestyle": (0, (4, 1))}
        left.plot(steps[1:], np.full(self.steps, self.lr), **quiet)
        right.plot(steps, data.arrays["constant_loss"], **quiet, label=f"constant {self.lr:g}")
        for name, _, _, label, series in self.runs:
            canvas.curve(left, data, f"{name}_rate", lambda y: (steps[1:], y), label, series, at="upper right")
            canvas.curve(right, data, f"{name}_loss", lambda y: (steps, y), label, series)
        left.set(yscale="log", xlim=(0, self.steps), ylim=(0.013, 8))
        left.set(xlabel="step", ylabel="learning rate η", title="the rate")
        plain_ticks(left.yaxis, (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5))
        loss_axes(right, self.steps, 0.05, 200)
        right.set(title="the loss")
        names = [f"{name}_loss" for name, *_ in self.runs]
        canvas.key(right, data, *names, loc="upper right")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        ends = {"constant": data.arrays["constant_loss"][-1]}
        for name, label in (("bold", "bold driver"), ("inverse", "decay")):
            losses = data.yours(f"{name}_loss")
            ends |= {} if losses is None else {label: losses[-1]}
        listing = ", ".join(f"{label} {loss:.2g}" for label, loss in ends.items())
        return f"Loss after {self.steps} steps from η = {self.lr:g}: {listing}"

    def _alt(self) -> str:
        return (
            "Two plots against the step. On the left, the learning rate on a log axis: the bold driver's rate rises slowly and "
            "halves after each rise of the loss; with inverse time decay, the rate falls smoothly. On the right, the training "
            "loss of each, and the loss at a constant rate, which bounces."
        )


class StepOfEachWeight(Figure):
    """How far each of three weights moves per step: with large, small and rare gradients."""

    slug = "step-of-each-weight"
    exercises = tuple(RULES)
    size = (8.0, 4.2)
    lr, steps, every = 0.01, 120, 10
    sizes = (10.0, 0.1, 1.0)
    labels = ("gradient 10", "gradient 0.1", f"gradient 1, every {every}th step")

    def gather(self, work: Work) -> None:
        gradients = torch.tensor(self.sizes, dtype=torch.float64).repeat(self.steps, 1)
        gradients[torch.arange(1, self.steps + 1) % self.every != 0, 2] = 0.0
        work.arrays["gradients"] = gradients.numpy().copy()
        for rule in RULES:
            work.ask(
                rule, rule, methodcaller("run", moves_of_weights, rule, gradients, self.lr), (self.steps, 3), np.abs
            )

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        panels = canvas.axes(1, 3, sharey=True)
        look: tuple[dict[str, Any], ...] = (
            {"linewidth": 5.5, "alpha": 0.5, "marker": None, "linestyle": "solid"},
            {"linewidth": 1.8, "marker": None},
            {"linestyle": "none", "markersize": 5.5, "markevery": 1},
        )
        for axes, (rule, name) in zip(panels, RULES.items(), strict=True):
            for weight, label in enumerate(self.labels):
                given = data.arrays["gradients"][:, weight] != 0
                series = (1, 0, 2)[weight]
                points = partial(self._points, weight=weight, given=given)
                canvas.curve(axes, data, rule, points, label, series, at="lower center", **look[weight])
            axes.set(yscale="log", xlim=(0, self.steps + 3), ylim=(0.015, 25), xlabel="step", title=name)
            plain_ticks(axes.yaxis, (0.03, 0.1, 0.3, 1, 3, 10))
        panels[0].set_ylabel("size of the step  (in units of η)")
        canvas.predicted(panels[1], data, "first_step_of_rmsprop", along="y")
        canvas.below(panels[1], data, *RULES)
        return Words(self._title(data), self._alt())

    def _points(self, moves: Array, weight: int, given: Array) -> tuple[Array, Array]:
        return 1 + np.flatnonzero(given), moves[given, weight] / self.lr

    def _title(self, data: Gathered) -> str:
        same, others = [], []
        for rule, name in RULES.items():
            moves = data.yours(rule)
            if moves is not None and moves[:, 1].sum() > 0:
                ratio = moves[:, 0].sum() / moves[:, 1].sum()
                if abs(ratio - 1) < 0.05:
                    same.append(name)
                else:
                    others.append(f"{name}'s {ratio:.3g} times")
        parts = [f"steps of {', '.join(same)} no larger"] if same else []
        if not parts + others:
            return "Each weight has its own step size"
        factor = self.sizes[0] / self.sizes[1]
        return f"Gradients {factor:.0f} times as large: {', '.join(parts + others)}"

    def _alt(self) -> str:
        return (
            "Three plots, one per rule, of the size of each step on a log axis, for a weight with large gradients, one with "
            "small gradients and one with rare gradients. With right rules, large and small gradients give the same curve: it "
            "falls for Adagrad, falls and levels off for RMSprop, is flat for Adam. Rare gradients give other steps."
        )


class FirstLayer(Figure):
    """The weights of hidden units as images, for an untrained and for a well-trained network."""

    slug = "first-layer"
    exercises = ("adam_step",)
    size = (8.0, 3.2)
    hidden, steps, batch_size, decay, held_out = 10, 200, 100, 0.03, 1000
    runs = (("noisy", 1e-5), ("trained", 5e-3))

    def gather(self, work: Work) -> None:
        count = sum(weight.numel() for weight in fresh_network(self.hidden))
        for name, lr in self.runs:
            work.ask(name, "adam_step", partial(self._train, lr=lr), (count,), dtype=torch.float32)

    def _train(self, functions: Any, lr: float) -> torch.Tensor:
        start, data = fresh_network(self.hidden, dtype=torch.float32), digits(0, 2000, torch.float32)
        _, weights = functions.run(
            train_adaptively, "adam_step", start, *data, lr, self.steps, self.batch_size, self.decay
        )
        return torch.cat([weight.flatten() for weight in weights])

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        for axes, (name, lr) in zip(canvas.axes(2, 1), self.runs, strict=True):
            axes.set_axis_off()
            weights, prefix = data.yours(name), ""
            if weights is None:
                weights, prefix = data.reference(name), "reference, "
            if weights is None:
                continue
            images = weights[: PIXELS * self.hidden].reshape(-1, 28, 28)
            axes.imshow(strip_of(images), cmap="PuOr", vmin=-1, vmax=1)
            right = f"{100 * self.accuracy(weights):.0f} % of {self.held_out:,} new digits read"
            likeness = neighbours(images)
            smooth = f", neighbouring weights correlate by {likeness:.2f}" if np.isfinite(likeness) else ""
            axes.set_title(f"{prefix}η = {np.format_float_positional(lr)}: {right}{smooth}")
        return Words(self._title(data), self._alt())

    def accuracy(self, weights: Array) -> float:
        """The accuracy on held-out digits of a network with these weights, in one row."""
        shapes = [tuple(weight.shape) for weight in fresh_network(self.hidden)]
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        parts = [
            torch.from_numpy(part.reshape(shape)) for part, shape in zip(np.split(weights, ends), shapes, strict=True)
        ]
        test = examples(True, self.held_out)
        return float((logits(parts, test.X).argmax(1) == test.y).float().mean())

    def _title(self, data: Gathered) -> str:
        found = [data.yours(name) for name, _ in self.runs]
        parts = [neighbours(one[: PIXELS * self.hidden].reshape(-1, 28, 28)) for one in found if one is not None]
        if len(parts) < len(self.runs) or not np.isfinite(parts).all():
            return "What a hidden unit has learned shows in its weights"
        return f"Correlation of neighbouring weights: {parts[1]:.2f} if trained, {parts[0]:.2f} after tiny steps"

    def _alt(self) -> str:
        return (
            "Two rows of ten images: the weights of each hidden unit, pixel by pixel. Above, a network after tiny steps: its "
            "weights are still the noise of the start. Below, the same network after a good training: strokes and smooth patches."
        )


def strip_of(images: Array) -> Array:
    """Images side by side, each scaled to its largest weight, with gaps between them."""
    largest = np.abs(images).max(axis=(1, 2), keepdims=True)
    scaled = np.pad(images / np.where(largest > 0, largest, 1), ((0, 0), (0, 0), (1, 1)), constant_values=np.nan)
    return np.concatenate(list(scaled), axis=1)


def neighbours(images: Array) -> float:
    """The correlation of weights of neighbouring pixels: 0 for noise, near 1 for smooth images, NaN if all are equal."""
    first = np.concatenate([images[:, 1:].ravel(), images[:, :, 1:].ravel()])
    second = np.concatenate([images[:, :-1].ravel(), images[:, :, :-1].ravel()])
    return float(np.corrcoef(first, second)[0, 1])


class AllOptimizers(Figure):
    """The fair race: for each optimizer, the final loss against the learning rate."""

    slug = "all-optimizers"
    exercises = tuple(RULES)

    def gather(self, work: Work) -> None:
        for name in PLAIN:
            work.arrays[name] = plain_losses(name)
        for rule in RULES:
            ask_for(work, rule)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        for name, line in zip(PLAIN, ((0, (1, 1)), (0, (5, 1, 1, 1))), strict=True):
            losses = data.arrays[name]
            axes.plot(RATES, losses, color=canvas.theme.quiet, linestyle=line, linewidth=2.2, label=name)
            self._mark(canvas, axes, losses)
        for series, (rule, name) in enumerate(RULES.items()):
            canvas.curve(axes, data, rule, lambda y: (RATES, y), name, series, at="upper right")
            if (own := data.yours(rule)) is not None:
                self._mark(canvas, axes, own)
        loss_axes(axes, STEPS, 5e-5, 30)
        axes.set(xscale="log", xlim=(RATES[0], RATES[-1]), xlabel="learning rate η")
        axes.set_ylabel(f"training loss after {STEPS} steps (nats)")
        plain_ticks(axes.xaxis, (0.001, 0.01, 0.1, 1))
        canvas.predicted(axes, data, "lowest_in_the_race", at="upper left")
        canvas.key(axes, data, *RULES, loc="lower left")
        return Words(self._title(data), self._alt())

    def _mark(self, canvas: Canvas, axes: Axes, losses: Array) -> None:
        """A ring around the best rate."""
        best = int(np.argmin(losses))
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": canvas.theme.ink, "linewidths": 1.3}
        axes.scatter([RATES[best]], [losses[best]], s=110, zorder=5, **look)

    def _title(self, data: Gathered) -> str:
        ends = {name: data.arrays[name].min() for name in PLAIN}
        ends |= {name: losses.min() for rule, name in RULES.items() if (losses := data.yours(rule)) is not None}
        best, second = sorted(ends, key=lambda name: ends[name])[:2]
        return f"At its best rate, {best} ends lowest: {ends[best]:.2g}; {second} is next: {ends[second]:.2g}"

    def _alt(self) -> str:
        return (
            f"The training loss of one network on digits after {STEPS} steps, against the learning rate, both on log axes, for "
            "gradient descent, momentum, Adagrad, RMSprop and Adam. Each curve is a valley, and a ring marks its lowest point. "
            "The valleys lie at different rates."
        )


FIGURES = (LearningRates(), RatesThatAdapt(), StepOfEachWeight(), FirstLayer(), AllOptimizers())
