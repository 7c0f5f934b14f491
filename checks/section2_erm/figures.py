"""Section 2: the data, the model as a diagram, the patterns of its hidden units, and risks on training and other images."""

from collections.abc import Sequence
from itertools import permutations
from operator import methodcaller
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import SHADES
from grader.toolkit.verdicts import WrongAnswerError

from ..shared import mnist
from ..shared.digits import examples, small_images
from ..shared.problems import starting_values
from .nonlinearity import Nonlinearity
from .oracles import logits_of
from .programs import mlp_parameters, risks_of_networks, train_units

HIDDEN = 10
GAP, SPACE = 3, 9  # between images side by side, and between rows of them, in pixels


def trained(X: Tensor, y: Tensor, lr: float, steps: int, enough: float = 0.0) -> list[Tensor]:
    """Weight and bias of both layers of a network with ten hidden units, after full-batch gradient descent.

    It ends at the first loss that is `enough`, and after `steps` at the latest.
    """
    shapes = [(HIDDEN, X.shape[1]), (HIDDEN,), (10, HIDDEN), (10,)]
    params = starting_values(shapes, 0, 0.1, 0.0)
    for _ in range(steps):
        leaves = [p.detach().requires_grad_() for p in params]
        loss = torch.nn.functional.cross_entropy(_logits(leaves, X), y)
        if float(loss.detach()) <= enough:
            break
        grads = torch.autograd.grad(loss, leaves)
        params = [(p - lr * g).detach() for p, g in zip(leaves, grads, strict=True)]
    return params


def _logits(params: Sequence[Tensor], X: Tensor) -> Tensor:
    return logits_of([(params[0], params[1]), (params[2], params[3])], X)


def strip(axes: Axes, images: Array, top: float, **look: Any) -> Any:
    """Draw images (n, 28, 28) side by side, a `GAP` between them, from `top` downwards; a pixel is a unit of length."""
    for place, image in enumerate(images):
        left = place * (28 + GAP)
        drawn = axes.imshow(image, extent=(left, left + 28, top + 28, top), **look)
    return drawn


class Digits(Figure):
    """Images with their labels, and the values of their pixels after normalisation."""

    slug = "digits"
    exercises = ("normalize_images",)
    shown = 16
    count = 300

    def gather(self, work: Work) -> None:
        split = mnist.train()
        images = split.images[: self.count].copy()
        work.arrays.update(image=images[: self.shown], label=split.labels[: self.shown].copy())
        call = methodcaller("normalize_images", torch.from_numpy(images))
        work.ask("pixels", "normalize_images", call, (self.count, 784), dtype=torch.float32)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        above, below = canvas.axes(2, height_ratios=(2, 1))
        pixels, raw = data.yours("pixels"), data.arrays["image"].reshape(self.shown, -1)
        values = (raw if pixels is None else pixels)[: self.shown].reshape(-1, 28, 28)
        per_row = self.shown // 2
        for row in range(2):
            images = values[row * per_row : (row + 1) * per_row]
            strip(above, images, top=row * (28 + SPACE), cmap="gray", vmin=values.min(), vmax=values.max())
            for column, label in enumerate(data.arrays["label"][row * per_row : (row + 1) * per_row]):
                words = f"label {label}"
                above.text(
                    column * (28 + GAP) + 14, row * (28 + SPACE) - 2, words, ha="center", va="bottom", fontsize=9
                )
        above.set(xlim=(0, per_row * (28 + GAP) - GAP), ylim=(2 * 28 + SPACE, -SPACE), aspect="equal")
        above.set_axis_off()
        self._histogram(canvas, below, data)
        return Words(self._title(pixels), self._alt(data))

    def _histogram(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        pixels, expected = data.yours("pixels"), data.reference("pixels")
        axes.set(
            xlabel=f"value of a pixel after normalisation, {self.count} images", ylabel="share of pixels", yscale="log"
        )
        if pixels is not None:
            axes.hist(**_bins(pixels), color=canvas.theme.series[0], label="normalize_images")
        if expected is not None:
            label = None if pixels is not None else "normalize_images (reference)"
            axes.hist(**_bins(expected), histtype="step", label=label, **canvas.thin)
        canvas.key(axes, data, "pixels", loc="upper center", ncols=2)

    def _title(self, pixels: Array | None) -> str:
        if pixels is None:
            return "The data: images of digits with their labels"
        wide = pixels.astype(float)  # a sum of large numbers overflows float32
        mean, spread = (_rounded(float(number)) for number in (wide.mean(), wide.std()))
        return f"The data: after normalisation pixels have mean {mean} and spread {spread}"

    def _alt(self, data: Gathered) -> str:
        labels = ", ".join(str(label) for label in data.arrays["label"])
        return (
            f"{self.shown} images of handwritten digits in two rows, with their labels {labels}. Below, a histogram of the "
            "values of pixels after normalisation, on a log axis."
        )


def _bins(values: Array) -> dict[str, Any]:
    """Arguments of `hist` for shares in 40 bins; the values may all be equal."""
    numbers = values.ravel().astype(float)
    low, high = float(numbers.min()), float(numbers.max())
    high = max(high, low + 1e-6 * max(abs(low), 1.0))
    return {"x": numbers, "bins": np.linspace(low, high, 41), "weights": np.full(numbers.size, 1 / numbers.size)}


def _rounded(number: float) -> str:
    return f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−") if abs(number) < 1e4 else f"{number:.2g}"


class Model(Figure):
    """The model as a diagram: from an image to ten probabilities."""

    slug = "model"
    exercises = ("MLP", "log_softmax", "cross_entropy")
    examples = 300
    place = 7  # of the image

    def gather(self, work: Work) -> None:
        image, label, params = self._case()
        activations = torch.relu(image @ params[0].T + params[1])
        logits = _logits(params, image)
        target = torch.tensor([label])
        work.arrays.update(image=image[0].numpy(), label=np.array(label), activation=activations[0].numpy())
        work.arrays.update(logit=logits[0].numpy(), second_weight=params[2].numpy())

        def sizes(functions: Any) -> list[float]:
            return sorted((float(p.numel()) for p in functions.run(mlp_parameters)), reverse=True)

        work.ask("sizes", "MLP", sizes, (4,))
        call = methodcaller("log_softmax", logits)
        work.ask("probability", "log_softmax", call, (1, 10), then=lambda log: np.exp(log[0]))
        work.ask("loss", "cross_entropy", methodcaller("cross_entropy", logits, target))

    def _case(self) -> tuple[Tensor, int, list[Tensor]]:
        """An image (1, 784), its label, and a trained network."""
        data = examples(False, self.examples)
        X = data.X.double()
        return X[self.place : self.place + 1], int(data.y[self.place]), trained(X, data.y, 0.1, 60)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2, width_ratios=(2.6, 1))
        self._network(canvas, left, data)
        self._bars(canvas, right, data)
        return Words(self._title(data), self._alt(data))

    def _network(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        axes.set(xlim=(-0.2, 10.2), ylim=(-1.9, 10.4))
        axes.set_axis_off()
        rows = np.linspace(9.6, 0.4, 10)
        axes.imshow(
            data.arrays["image"].reshape(28, 28), cmap="gray", extent=(0, 3.2, 2.5, 7.5), aspect="auto", zorder=2
        )
        inputs = np.linspace(2.8, 7.2, 8)
        for y in inputs:
            for end in rows:
                axes.plot([3.25, 6.3], [y, end], color=canvas.theme.quiet, linewidth=0.4, alpha=0.5, zorder=1)
        weights = data.arrays["second_weight"]
        for unit, y in enumerate(rows):
            for output, end in enumerate(rows):
                weight = weights[output, unit] / np.abs(weights).max()
                look = {
                    "color": canvas.theme.series[0 if weight > 0 else 1],
                    "linewidth": 2 * abs(weight),
                    "alpha": 0.8,
                }
                axes.plot([6.3, 9.4], [y, end], linestyle="solid" if weight > 0 else (0, (3, 2)), zorder=1, **look)
        dots: dict[str, Any] = {"cmap": SHADES, "edgecolors": canvas.theme.ink, "linewidths": 0.8, "zorder": 3}
        axes.scatter(np.full(10, 6.3), rows, c=data.arrays["activation"], s=150, **dots)
        axes.scatter(np.full(10, 9.4), rows, c=data.arrays["logit"], s=150, marker="s", **dots)
        for digit, y in enumerate(rows):
            axes.text(9.8, y, str(digit), va="center", fontsize=9)
        self._captions(axes, data)

    def _captions(self, axes: Axes, data: Gathered) -> None:
        sizes = data.yours("sizes")
        counts = ("", "") if sizes is None else (f"{sizes[0] + sizes[2]:,.0f}\n", f"{sizes[1] + sizes[3]:,.0f}\n")
        first, second = f"{counts[0]}weights", f"{counts[1]}weights\n(dashed: < 0)"
        names = (
            (1.6, "784 pixels"),
            (4.7, first),
            (6.3, "hidden\nunits,\nReLU\n(yellow:\nhigh)"),
            (7.85, second),
            (9.4, "logits\n(yellow:\nhigh)"),
        )
        for x, words in names:
            axes.text(x, -0.5, words, ha="center", va="top", fontsize=9)

    def _bars(self, canvas: Canvas, axes: Axes, data: Gathered) -> None:
        probability, expected = data.yours("probability"), data.reference("probability")
        digits, label = np.arange(10), int(data.arrays["label"])
        if probability is not None:
            colors = [canvas.theme.series[2 if digit == label else 0] for digit in digits]
            axes.barh(digits, probability, color=colors, height=0.7)
        if expected is not None:
            axes.barh(digits, expected, height=0.7, fill=False, edgecolor=canvas.theme.ink, linewidth=0.8)
        axes.set(yticks=digits, ylim=(9.6, -0.6), xlabel="probability, softmax", ylabel=f"digit (label: {label})")
        axes.grid(axis="y", visible=False)
        axes.set_xlim(0, 1 if probability is None else max(1.0, 1.05 * float(probability.max())))
        if probability is None:
            canvas.say(axes, data.missing["probability"], at="center")

    def _title(self, data: Gathered) -> str:
        sizes, loss = data.yours("sizes"), data.yours("loss")
        told = "A network turns" if sizes is None else f"{sizes.sum():,.0f} weights turn"
        total = 1.0 if data.yours("probability") is None else float(data.arrays["probability"].sum())
        what = "probabilities" if abs(total - 1) < 1e-3 else f"numbers of sum {total:.2g}"
        made = f"{told} 784 pixels into ten {what}"
        return made if loss is None else f"{made}; loss {float(loss) + 0.0:.2g}"

    def _alt(self, data: Gathered) -> str:
        return (
            f"A diagram from left to right: an image of the digit {int(data.arrays['label'])}, lines to ten hidden units, "
            "coloured by their activation, lines as thick as their weights to ten outputs, and a bar chart of their "
            "probabilities."
        )


class Units(Figure):
    """The weights of the hidden units as images, each with its weights to the ten outputs."""

    slug = "units"
    exercises = ("MLP",)
    size = (8.0, 5.6)
    examples = 300
    steps = 80
    lr = 0.1

    def gather(self, work: Work) -> None:
        data = examples(False, self.examples)
        X, y = data.X.double(), data.y

        def train(functions: Any) -> Tensor:
            logits, *params = functions.run(train_units, X, y, self.lr, self.steps, 0)
            return torch.cat([part.flatten() for part in by_role(params, logits, X)])

        work.ask("weights", "MLP", train, (7960,))

    @staticmethod
    def _layers(weights: Array) -> list[Tensor]:
        shapes = ((HIDDEN, 784), (HIDDEN,), (10, HIDDEN), (10,))
        pieces = torch.split(torch.from_numpy(weights), [int(np.prod(shape)) for shape in shapes])
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        found = data.yours("weights")
        drawn = found if found is not None else data.reference("weights")
        panels = canvas.axes(4, height_ratios=(1.75, 1, 1.75, 1), sharex=True)
        if drawn is None:
            canvas.say(panels[0], *data.missing.values(), at="center")
            return Words(self._title(data), self._alt())
        first, _, second, _ = (part.numpy() for part in self._layers(drawn))
        reach, high = (max(float(np.abs(part).max()), 1e-12) for part in (first, second))
        for row in range(2):
            units, (images, bars) = range(5 * row, 5 * row + 5), panels[2 * row : 2 * row + 2]
            images.set_axis_off()
            look = {"cmap": SHADES, "vmin": -reach, "vmax": reach, "aspect": "equal"}
            image = strip(images, first[units.start : units.stop].reshape(-1, 28, 28), top=0, **look)
            for column, unit in enumerate(units):
                words = f"unit {unit + 1}" + ("" if found is not None else " (reference)")
                images.text(column * (28 + GAP) + 14, -1, words, ha="center", va="bottom", fontsize=9)
            self._bars(canvas, bars, second[:, units.start : units.stop], high)
        panels[0].set_xlim(0, 5 * (28 + GAP) - GAP)
        bar = canvas.figure.colorbar(image, ax=panels, shrink=0.7)
        bar.set_label("weight of a pixel")
        return Words(self._title(data), self._alt())

    def _bars(self, canvas: Canvas, axes: Axes, weights: Array, high: float) -> None:
        """The weights (10, units) to each digit, below the images of the units."""
        places = np.array(
            [column * (28 + GAP) + 2.8 * (digit + 0.5) for column in range(weights.shape[1]) for digit in range(10)]
        )
        values = weights.T.ravel()
        axes.bar(places, values, width=2.2, color=[canvas.theme.series[0 if value > 0 else 1] for value in values])
        axes.axhline(0, color=canvas.theme.ink, linewidth=0.6)
        axes.set(ylim=(-1.1 * high, 1.1 * high), ylabel="weight to\neach digit")
        axes.set_xticks(places, labels=[str(digit) for _ in range(weights.shape[1]) for digit in range(10)])
        axes.tick_params(axis="x", labelsize=7, length=0, labelbottom=True)
        axes.grid(False)

    def _title(self, data: Gathered) -> str:
        found = data.yours("weights")
        if found is None:
            return "Each hidden unit detects a different pattern"
        second = self._layers(found)[2]
        both = int(((second > 0).any(0) & (second < 0).any(0)).sum())
        return f"Hidden units that speak for some digits and against others: {both} of {HIDDEN}"

    def _alt(self) -> str:
        return (
            "Ten images of 28 by 28 pixels, one for each hidden unit of a trained network, coloured by the weights of its "
            "pixels. Under each a bar chart of the weights that lead from this unit to the ten digits."
        )


def by_role(params: Sequence[Tensor], logits: Tensor, X: Tensor) -> list[Tensor]:
    """Weight and bias of the hidden layer, then of the last, from the four parameters of a network with ten hidden units.

    The student chooses order and orientation. If shapes are ambiguous, the arrangement that gives the logits is used.
    """
    first = [p if p.shape == (HIDDEN, X.shape[1]) else p.T for p in params if p.dim() == 2 and X.shape[1] in p.shape]
    second = [p for p in params if p.shape == (10, HIDDEN)]
    biases = [p.reshape(-1) for p in params if p.numel() == HIDDEN]
    if not (len(first) == len(second) == 1 and len(biases) == 2 == len(params) - 2):
        raise WrongAnswerError("MLP(784, (10,), 10) should have a weight and a bias for each of two layers.")
    ways = [(first[0], a, matrix, b) for a, b in permutations(biases) for matrix in (second[0], second[0].T)]
    errors = [float((_logits(way, X) - logits).abs().nan_to_num(torch.inf).max()) for way in ways]
    return list(ways[int(np.argmin(errors))])


class Gap(Figure):
    """Risk and accuracy on training images and on other images, against the number of training images."""

    slug = "gap"
    exercises = ("empirical_risk", "accuracy")
    counts = (20, 50, 100, 200, 500, 1000)
    held_out = 1000
    enough = 0.1  # the risk on the training images at which each training ends
    steps = 1000
    lr = 0.5
    batch_size = 64

    def gather(self, work: Work) -> None:
        X, y = self._images()
        networks = self.networks()
        work.arrays["n"] = np.array(self.counts)

        def accuracies(functions: Any) -> list[float]:
            sets = [part for n in self.counts for part in (slice(0, n), slice(-self.held_out, None))]
            params = [network for network in networks for _ in range(2)]
            return [functions.accuracy(_logits(p, X[s]), y[s]) for p, s in zip(params, sets, strict=True)]

        shape = (len(self.counts), 2)
        self.ask_for_risks(work)
        work.ask("accuracy", "accuracy", accuracies, (2 * len(self.counts),), then=lambda found: found.reshape(shape))

    def ask_for_risks(self, work: Work) -> None:
        """The risk of each network on its own images and on others."""
        X, y = self._images()
        networks = self.networks()

        def risks(functions: Any) -> Any:
            return functions.run(risks_of_networks, networks, list(self.counts), X, y, self.held_out, self.batch_size)

        work.ask("risk", "empirical_risk", risks, (len(self.counts), 2))

    def _images(self) -> tuple[Tensor, Tensor]:
        X, y = small_images(self.counts[-1] + self.held_out)
        return X.double(), y

    def networks(self) -> list[list[Tensor]]:
        """A network trained on the first n images, for each n, until it knows them equally well."""
        X, y = self._images()
        return [trained(X[:n], y[:n], self.lr, self.steps, self.enough) for n in self.counts]

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2)
        for axes, name, label in ((left, "risk", "risk: mean loss (nats)"), (right, "accuracy", "accuracy")):
            axes.set(xscale="log", xlabel="number n of training images", ylabel=label)
            axes.set_xticks(self.counts, labels=[str(n) for n in self.counts])
            axes.minorticks_off()
            for column, words in enumerate(("on these n images", f"on {self.held_out} others")):
                canvas.curve(axes, data, name, self._column(column), words, column, at=None)
        canvas.predicted(left, data, "risk_on_new_images", along="y")
        canvas.key(left, data, "risk", loc="upper right")
        return Words(self._title(data), self._alt())

    def _column(self, column: int) -> Any:
        return lambda found: (self.counts, found[:, column])

    def _title(self, data: Gathered) -> str:
        risk, accuracy = data.yours("risk"), data.yours("accuracy")
        if risk is not None:
            told = ", ".join(f"{risk[row, 1]:.2g} at n = {self.counts[row]}" for row in (0, -1))
            return f"Trained to risk {self.enough:g}, the risk on others is {told}"
        if accuracy is not None:
            few, many = 100 * accuracy[0, 1], 100 * accuracy[-1, 1]
            return f"Right on other images: {few:.0f} % with n = {self.counts[0]}, {many:.0f} % with {self.counts[-1]}"
        return "The risk on the training images is too optimistic"

    def _alt(self) -> str:
        return (
            f"Two plots against the number of training images, from {self.counts[0]} to {self.counts[-1]}: the mean loss and the "
            f"accuracy of networks that are trained to one risk, on their training images and on {self.held_out} others."
        )


FIGURES = (Digits(), Model(), Nonlinearity(), Units(), Gap())
