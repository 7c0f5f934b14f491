"""Figures of training runs: training and validation losses per epoch, and five optimizers compared."""

from dataclasses import dataclass
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
from .programs import evaluate_in_turn, train_on_same_batches, train_with_optimizer

HELD_OUT = (50_000, 51_000)  # training images that no network here learns from
EXAMPLES, BATCH, HIDDEN = 1000, 50, 32


def batches_of(start: int, stop: int) -> list[tuple[Tensor, Tensor]]:
    """Digits in batches."""
    X, y = digits(start, stop, torch.float32)
    return list(zip(torch.split(X, BATCH), torch.split(y, BATCH), strict=True))


def classifier() -> SmallClassifier:
    return SmallClassifier(fresh_network(HIDDEN, dtype=torch.float32))


EPOCHS, RATE, MOMENTUM = 40, 0.05, 0.9  # of the run of `Curves`


def ask_for_curves(work: Work) -> None:
    """Gather the run's training loss, and loss and accuracy on validation digits, after each epoch."""
    work.share("curves", _gather_curves)


def _gather_curves(work: Work) -> None:
    sizes = [weight.numel() for weight in classifier().weights]
    shapes = {"training_loss": (EPOCHS,), "weights": (EPOCHS, sum(sizes))}
    work.ask_several(shapes, "train_epoch", _trained_by, dtype=torch.float32)
    own, other = (work.arrays.pop(name, None) for name in ("weights", "weights_reference"))
    states = own if own is not None else other if other is not None else _trained()
    models = [_classifier_of(row) for row in states]
    shapes = {"validation_loss": (EPOCHS,), "validation_accuracy": (EPOCHS,)}
    work.ask_several(shapes, "evaluate", partial(_evaluated_by, models=models))


def _trained_by(functions: Any) -> tuple[Any, Tensor]:
    model = classifier()
    losses, states = functions.run(train_on_same_batches, model, batches_of(0, EXAMPLES), EPOCHS, RATE, MOMENTUM)
    for state in states:
        expect_form(state, model.weights)
    return losses, torch.stack([torch.cat([weight.flatten() for weight in state]) for state in states])


def _trained() -> Array:
    """The weights after each epoch of our own trainer."""
    module, states = classifier().build(), []
    trainer = Trainer(module, RATE, MOMENTUM)
    for _ in range(EPOCHS):
        trainer.epoch(batches_of(0, EXAMPLES))
        states.append(torch.cat([param.detach().flatten() for param in module.parameters()]))
    return torch.stack(states).numpy()


def _classifier_of(row: Array) -> SmallClassifier:
    like = classifier().weights
    parts = torch.split(torch.from_numpy(row.copy()), [weight.numel() for weight in like])
    return SmallClassifier([part.reshape(weight.shape) for part, weight in zip(parts, like, strict=True)])


def _evaluated_by(functions: Any, models: list[SmallClassifier]) -> tuple[Any, Any]:
    losses, accuracies = zip(*functions.run(evaluate_in_turn, models, batches_of(*HELD_OUT)), strict=True)
    return list(losses), list(accuracies)


@dataclass(frozen=True)
class Overfitting:
    """What happens on validation digits after the epoch of their lowest loss."""

    epoch: int  # of the lowest loss, from 1
    lowest: float
    last: float
    points: float  # by which the share of digits read changes, in percent of all

    @classmethod
    def of(cls, losses: Array, accuracies: Array) -> "Overfitting":
        """From losses and accuracies of the epochs."""
        place = int(losses.argmin())
        return cls(place + 1, float(losses[place]), float(losses[-1]), 100 * float(accuracies[-1] - accuracies[place]))

    @property
    def rise(self) -> float:
        """The relative rise of the loss, in percent."""
        return 100 * (self.last / self.lowest - 1)


class Curves(Figure):
    """The loss on training and on validation digits, epoch by epoch."""

    slug = "curves"
    exercises = ("train_epoch", "evaluate")
    call_cpu_seconds = 3.0  # importing torch.optim takes a fraction of a second

    def gather(self, work: Work) -> None:
        ask_for_curves(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2)
        epochs = np.arange(1, EPOCHS + 1)
        canvas.curve(left, data, "training_loss", lambda y: (epochs, y), "training", 0, at="upper right")
        canvas.curve(left, data, "validation_loss", lambda y: (epochs, y), "validation", 1, at="upper right")
        left.set(ylim=(0, 2), ylabel="loss (nats)")
        canvas.predicted(left, data, "first_epoch")
        canvas.curve(right, data, "validation_accuracy", lambda y: (epochs, 100 * y), "validation", 1)
        right.set(ylim=(65, 100), ylabel="validation digits read (%)")
        canvas.predicted(right, data, "after_the_lowest_loss")
        found = self._overfitting(data)
        for axes in (left, right):
            axes.set(xlim=(0, EPOCHS + 1), xlabel="epoch", xticks=[1, 10, 20, 30, 40])
            if found is not None:
                axes.axvline(found.epoch, color=canvas.theme.quiet, linewidth=1.2, zorder=1, label="lowest loss")
        canvas.key(left, data, "training_loss", "validation_loss", loc="center right", bbox_to_anchor=(1, 0.62))
        return Words(self._title(data), self._alt())

    def _overfitting(self, data: Gathered) -> Overfitting | None:
        losses, accuracies = data.yours("validation_loss"), data.yours("validation_accuracy")
        return None if losses is None or accuracies is None else Overfitting.of(losses, accuracies)

    def _title(self, data: Gathered) -> str:
        found, training = self._overfitting(data), data.yours("training_loss")
        if found is not None:
            points = f"{found.points:+.1f}".replace("-", "\N{MINUS SIGN}")
            return (
                f"After epoch {found.epoch}, validation loss rises by {found.rise:.0f} %; digits read: {points} points"
            )
        if training is not None:
            return f"At the end, training loss {training[-1]:.2g}"
        return "Training digits that a network memorises do not help with new digits"

    def _alt(self) -> str:
        return (
            f"Two plots against the epoch, for a network with {HIDDEN} hidden units and {EXAMPLES:,} training digits. On the "
            "left, the loss: on training digits it falls to almost zero, on validation digits it is lowest after a few epochs "
            "and rises slowly. On the right, the share of validation digits that are read, which hardly changes "
            "after those epochs."
        )


class Race(Figure):
    """Five optimizers, each at its own tuned rate, by the loss on held-out digits after some epochs."""

    slug = "race"
    exercises = ("make_optimizer",)
    call_cpu_seconds = 3.0
    after = (1, 2, 4)
    # The best of a sweep of each, on average over six starts.
    rates: ClassVar = {"sgd": 0.5, "momentum": 0.03, "adagrad": 0.03, "rmsprop": 0.003, "adam": 0.01}

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
        # One entry of the legend is enough.
        first = next((name for name in self.rates if data.yours(name) is not None), None)
        for row, name in enumerate(self.rates):
            losses, expected = data.yours(name), data.reference(name)
            for place, epoch in enumerate(self.after):
                if losses is not None:
                    label = f"after {epoch} epoch{'s' * (epoch > 1)}"
                    axes.plot(losses[place], row, linestyle="none", marker=("o", "s", "^")[place], markersize=10,
                              color=canvas.theme.series[place], label=label if name == first else None)  # fmt: skip
                if expected is not None:
                    axes.plot([expected[place]] * 2, [row - 0.25, row + 0.25], **canvas.thin)
        room = 0.5 if data.missing else -0.4  # below the last row, for missing results
        axes.set(
            xscale="log", xlim=(0.35, 3), ylim=(len(self.rates) + room, -0.6), xlabel="loss on held-out digits (nats)"
        )
        axes.set_yticks(range(len(self.rates)), [f"{name}, η = {rate:g}" for name, rate in self.rates.items()])
        if first is None and data.reference("sgd") is not None:
            axes.plot([], [], **canvas.thin, label="reference")
        plain_ticks(axes.xaxis, (0.4, 0.5, 0.7, 1, 1.5, 2, 3))
        canvas.key(axes, data, *self.rates)
        canvas.say(axes, *dict.fromkeys(data.missing.values()), at="lower right")
        return Words(self._title(data), self._alt())

    def _title(self, data: Gathered) -> str:
        known = [float(losses[-1]) for name in self.rates if (losses := data.yours(name)) is not None]
        if len(known) < len(self.rates):
            return "Each optimizer needs its own learning rate"
        return f"At tuned rates, the five optimizers end at a loss of {min(known):.2g} to {max(known):.2g}"

    def _alt(self) -> str:
        return (
            "A row for each of five optimizers with its tuned learning rate: points mark the loss on held-out digits, on a log "
            f"axis, after {', '.join(map(str, self.after[:-1]))} and {self.after[-1]} epochs. Thin lines mark torch's own "
            "optimizers."
        )
