"""Figures of training runs: training and validation losses per epoch, and five optimizers compared."""

from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import plain_ticks

from ..shared.digits import digits, expect_form, fresh_network
from .oracles import Trainer
from .problems import SmallClassifier
from .programs import evaluate_in_turn, train_small_classifier, train_with_optimizer

HELD_OUT = (50_000, 51_000)  # training images that no network here learns from
EXAMPLES, BATCH, HIDDEN = 1000, 50, 32


def batches_of(start: int, stop: int) -> list[tuple[Tensor, Tensor]]:
    """Digits in batches."""
    X, y = digits(start, stop, torch.float32)
    return list(zip(torch.split(X, BATCH), torch.split(y, BATCH), strict=True))


def classifier() -> SmallClassifier:
    return SmallClassifier(fresh_network(HIDDEN, dtype=torch.float32))


class Curves(Figure):
    """The loss on training and on validation digits, epoch by epoch."""

    slug = "curves"
    exercises = ("train_epoch", "evaluate")
    call_cpu_seconds = 3.0  # importing torch.optim takes a fraction of a second
    epochs, lr, momentum = 12, 0.03, 0.9

    def gather(self, work: Work) -> None:
        sizes = [weight.numel() for weight in classifier().weights]
        shapes = {"training_loss": (self.epochs,), "weights": (self.epochs, sum(sizes))}
        work.ask_several(shapes, "train_epoch", self._train, dtype=torch.float32)
        own, other = (work.arrays.pop(name, None) for name in ("weights", "weights_reference"))
        states = own if own is not None else other if other is not None else self._trained()
        models = [self._classifier(row) for row in states]
        shapes = {"validation_loss": (self.epochs,), "validation_accuracy": (self.epochs,)}
        work.ask_several(shapes, "evaluate", partial(self._evaluate, models=models))

    def _train(self, functions: Any) -> tuple[Any, Tensor]:
        model, epochs = classifier(), [batches_of(0, EXAMPLES)] * self.epochs
        losses, states, _ = functions.run(train_small_classifier, model, epochs, self.lr, self.momentum)
        for state in states:
            expect_form(state, model.weights)
        return losses, torch.stack([torch.cat([weight.flatten() for weight in state]) for state in states])

    def _trained(self) -> Array:
        """The weights after each epoch of our own trainer."""
        module, states = classifier().build(), []
        trainer = Trainer(module, self.lr, self.momentum)
        for _ in range(self.epochs):
            trainer.epoch(batches_of(0, EXAMPLES))
            states.append(torch.cat([param.detach().flatten() for param in module.parameters()]))
        return torch.stack(states).numpy()

    def _classifier(self, row: Array) -> SmallClassifier:
        like = classifier().weights
        parts = torch.split(torch.from_numpy(row.copy()), [weight.numel() for weight in like])
        return SmallClassifier([part.reshape(weight.shape) for part, weight in zip(parts, like, strict=True)])

    def _evaluate(self, functions: Any, models: list[SmallClassifier]) -> tuple[Any, Any]:
        losses, accuracies = zip(*functions.run(evaluate_in_turn, models, batches_of(*HELD_OUT)), strict=True)
        return list(losses), list(accuracies)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2)
        epochs = np.arange(1, self.epochs + 1)
        canvas.curve(left, data, "training_loss", lambda y: (epochs, y), "training", 0, at="upper right")
        canvas.curve(left, data, "validation_loss", lambda y: (epochs, y), "validation", 1, at="upper right")
        left.set(yscale="log", xlim=(0.5, self.epochs + 0.5), ylim=(0.01, 10), xlabel="epoch", ylabel="loss (nats)")
        plain_ticks(left.yaxis, (0.01, 0.03, 0.1, 0.3, 1, 3, 10))
        canvas.key(left, data, "training_loss", "validation_loss", loc="lower left")
        for axes in (left, right):
            axes.set_xticks([1, 4, 8, 12])
        canvas.curve(right, data, "validation_accuracy", lambda y: (epochs, 100 * y), "validation", 1)
        right.set(xlim=(0.5, self.epochs + 0.5), ylim=(0, 102), xlabel="epoch", ylabel="validation digits read (%)")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        training, validation = data.yours("training_loss"), data.yours("validation_loss")
        parts = [] if training is None else [f"training loss {training[-1]:.2g}"]
        if validation is not None:
            lowest = int(validation.argmin())
            parts.append(
                f"validation loss {validation[-1]:.2g}, lowest at epoch {lowest + 1}: {validation[lowest]:.2g}"
            )
        if not parts:
            return "Training digits that a network memorises do not help with new digits"
        return f"At the end, {', '.join(parts)}"

    def _alt(self) -> str:
        return (
            f"Two plots against the epoch, for a network with {HIDDEN} hidden units and {EXAMPLES:,} training digits. On the "
            "left, the loss on a log axis, on training and on validation digits. On the right, "
            "the share of validation digits that are read."
        )


class Race(Figure):
    """Five optimizers, ranked by the loss on held-out digits after some epochs."""

    slug = "race"
    exercises = ("make_optimizer",)
    call_cpu_seconds = 3.0
    after = (1, 2, 4)
    rates: ClassVar = {"sgd": 0.1, "momentum": 0.03, "adagrad": 0.02, "rmsprop": 0.002, "adam": 0.004}

    def gather(self, work: Work) -> None:
        for name, lr in self.rates.items():
            work.ask(name, "make_optimizer", partial(self._losses, name=name, lr=lr), (len(self.after),))

    def _losses(self, functions: Any, name: str, lr: float) -> list[float]:
        model = classifier()
        states = functions.run(train_with_optimizer, name, model, batches_of(0, EXAMPLES), lr, max(self.after))
        X, y = digits(*HELD_OUT, torch.float32)
        losses = []
        for epoch in self.after:
            expect_form(states[epoch - 1], model.weights)
            with torch.no_grad():
                losses.append(float(cross_entropy(SmallClassifier(states[epoch - 1]).build()(X), y)))
        return losses

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        ranked = sorted(self.rates, key=partial(self._rank, data))
        first = next(
            (name for name in ranked if data.yours(name) is not None), None
        )  # one entry of the legend is enough
        for row, name in enumerate(ranked):
            losses, expected = data.yours(name), data.reference(name)
            for place, epoch in enumerate(self.after):
                if losses is not None:
                    label = f"after {epoch} epoch{'s' * (epoch > 1)}"
                    axes.plot(losses[place], row, linestyle="none", marker=("o", "s", "^")[place], markersize=10,
                              color=canvas.theme.series[place], label=label if name == first else None)  # fmt: skip
                if expected is not None:
                    axes.plot([expected[place]] * 2, [row - 0.25, row + 0.25], **canvas.thin)
        room = 0.5 if data.missing else -0.4  # below the last row, for missing results
        axes.set(xscale="log", xlim=(0.35, 3), ylim=(len(ranked) + room, -0.6), xlabel="loss on held-out digits (nats)")
        places = [f"{place}. " if data.yours(name) is not None else "" for place, name in enumerate(ranked, 1)]
        rows = [f"{place}{name}, η = {self.rates[name]:g}" for place, name in zip(places, ranked, strict=True)]
        axes.set_yticks(range(len(ranked)), rows)
        if first is None and data.reference(ranked[0]) is not None:
            axes.plot([], [], **canvas.thin, label="reference")
        plain_ticks(axes.xaxis, (0.4, 0.5, 0.7, 1, 1.5, 2, 3))
        canvas.key(axes, data, *self.rates)
        canvas.say(axes, *dict.fromkeys(data.missing.values()), at="lower right")
        return Words(self._title(data, ranked), self._alt())

    def _rank(self, data: Gathered, name: str) -> float:
        losses = data.yours(name)
        return float("inf") if losses is None else float(losses[-1])

    def _title(self, data: Gathered, ranked: list[str]) -> str:
        known = [(name, losses[-1]) for name in ranked if (losses := data.yours(name)) is not None]
        if not known:
            return "Each optimizer needs its own learning rate"
        (best, least), (worst, most) = known[0], known[-1]
        return f"Held-out loss after {self.after[-1]} epochs: {best} lowest, {least:.2g}; {worst} highest, {most:.2g}"

    def _alt(self) -> str:
        return (
            "A row for each of five optimizers, the best above: points mark the loss on held-out digits, on a log axis, after "
            f"{', '.join(map(str, self.after[:-1]))} and {self.after[-1]} epochs. Thin lines mark torch's own optimizers."
        )
