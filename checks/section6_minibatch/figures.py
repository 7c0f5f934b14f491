"""Section 6: the noise of a batch's gradient, the progress per example, the noise floor, and the cost of a gradient."""

from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from grader.figures.canvas import Canvas
from grader.figures.gather import Array, Gathered, Work
from grader.figures.picture import Figure, Words
from grader.figures.style import MARKERS, plain_ticks, short

from ..shared.digits import digits, fresh_network
from . import hovering
from .budget import EPOCHS, EXAMPLES, RATES, ask_for, best
from .problems import BatchCrossEntropy
from .programs import batch_gradients, noise_of_batches, time_gradients


class GradientNoise(Figure):
    """Gradient noise against the batch size, beside the closed form."""

    slug = "gradient-noise"
    exercises = ("gradient_noise",)
    examples, draws = 250, 200
    sizes = (1, 2, 5, 10, 25, 50, 100, 150, 200, 225, 240, 248)
    small = 25  # a line fits up to this size
    far = 1.5  # a factor that 200 draws do not reach by chance

    def gather(self, work: Work) -> None:
        grads = self.gradients()
        work.arrays.update(batch_size=np.array(self.sizes), expected=self.expected(np.array(self.sizes)))

        def noise(functions: Any) -> Any:
            generator = torch.Generator().manual_seed(0)
            return functions.run(noise_of_batches, grads, list(self.sizes), self.draws, generator)

        work.ask("noise", "gradient_noise", noise, (len(self.sizes),), exact=False)
        found = work.arrays.get("noise")
        if found is not None and self._is_far(found):
            work.missing["noise"] = "gradient_noise is far from its expectation."

    def gradients(self) -> torch.Tensor:
        """The gradients of softmax regression on small images, one row per example."""
        X, y = digits(0, self.examples)
        pixels = torch.nn.functional.avg_pool2d(X.reshape(-1, 1, 28, 28), 4).flatten(1)
        residual = torch.full((self.examples, 10), 0.1, dtype=X.dtype) - torch.eye(10, dtype=X.dtype)[y]
        return (residual[:, :, None] * pixels[:, None, :]).flatten(1)

    def expected(self, size: Array) -> Array:
        """The closed form for draws without replacement."""
        found: Array = self._variance() / size * (self.examples - size) / (self.examples - 1)
        return found

    def _variance(self) -> float:
        grads = self.gradients()
        return float((grads - grads.mean(0)).square().sum(1).mean())

    def _is_far(self, noise: Array) -> bool:
        with np.errstate(all="ignore"):
            ratio = np.maximum(noise, 0) / self.expected(np.array(self.sizes))
        return bool(((ratio > self.far) | (ratio < 1 / self.far)).any())

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        sizes, smooth = data.arrays["batch_size"], np.append(np.geomspace(1, 240, 120), np.linspace(240.5, 249.5, 40))
        axes.plot(smooth, self._variance() / smooth, color=canvas.theme.quiet, linestyle=(0, (4, 2)), linewidth=1.4,
                  label="σ²/B: with replacement")  # fmt: skip
        got = data.yours("noise")
        if got is not None:
            axes.plot(sizes, got, linestyle="none", marker="o", markersize=8, color=canvas.theme.series[0],
                      label=f"gradient_noise, {self.draws} draws")  # fmt: skip
        axes.plot(smooth, self.expected(smooth), **canvas.thin, label="σ²/B · (n − B)/(n − 1): without")
        axes.set(xscale="log", yscale="log", xlim=(0.9, 290), xlabel=f"batch size B  (of n = {self.examples} examples)")
        axes.set(ylabel="gradient noise  (squared gradient)", ylim=(self._variance() / 5e4, self._variance() * 2))
        plain_ticks(axes.xaxis, (1, 2, 5, 10, 20, 50, 100, 250))
        canvas.key(axes, data)
        if "noise" in data.missing:
            canvas.say(axes, data.missing["noise"])
        return Words(self._title(got), self._alt())

    def _title(self, noise: Array | None) -> str:
        sizes = np.array(self.sizes)
        small = sizes <= self.small
        if noise is None or (noise[small] <= 0).any():
            return "Larger batches have gradients with less noise"
        slope = np.polyfit(np.log(sizes[small]), np.log(noise[small]), 1)[0]
        return f"Batches four times as large leave {short(100 * 4**slope)} % of the gradient noise"

    def _alt(self) -> str:
        return (
            "Log-log plot of the gradient noise against the batch size: measured points, and the closed form. It falls along a "
            "straight line, in inverse proportion to the batch size, and faster when a batch is nearly the whole data."
        )


class ExamplesProcessed(Figure):
    """Loss against examples processed, for batches of 1, 20, 250 and all examples, each at its best learning rate."""

    slug = "examples-processed"
    exercises = ("sgd",)
    call_cpu_seconds = 3.0  # thousands of steps
    window = 250
    series = (3, 0, 2, 1)

    def gather(self, work: Work) -> None:
        for size in RATES:
            ask_for(work, size)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        for size, series in zip(RATES, self.series, strict=True):
            place = best(data, size) or 0
            label = f"B = {size:,}" + (", all" if size == EXAMPLES else "") + f", η = {RATES[size][place]:g}"
            points = partial(self.averaged, size=size)
            canvas.curve(axes, data, f"losses_{size}_{place}", points, label, series, at="upper right")
            end = data.yours(f"held_out_{size}_{place}")
            if end is not None:
                look: dict[str, Any] = {
                    "color": canvas.theme.series[series],
                    "marker": MARKERS[series],
                    "fillstyle": "none",
                }
                words = "after training, on new images" if size == EXAMPLES else None
                axes.plot(
                    EPOCHS * EXAMPLES + 60, end, linestyle="none", markersize=9, clip_on=False, label=words, **look
                )
        axes.set(yscale="log", xlim=(0, EPOCHS * EXAMPLES + 100), ylim=(0.15, 6))
        axes.set(xlabel="examples processed", ylabel=f"loss of the batches (nats), mean over {self.window} examples")
        plain_ticks(axes.yaxis, (0.2, 0.5, 1, 2, 5))
        canvas.predicted(axes, data, "one_or_twenty", at="upper left")
        names = (f"losses_{EXAMPLES}_{place}" for place in range(len(RATES[EXAMPLES])))
        canvas.key(axes, data, *names, loc="lower left", ncols=2)
        return Words(self._title(data), self._alt())

    def averaged(self, losses: Array, size: int) -> tuple[Array, Array]:
        """The mean loss of the last steps, over `window` examples or one batch, and the number of examples before."""
        steps = max(1, self.window // size)
        return size * np.arange(steps - 1, len(losses)), np.convolve(losses, np.full(steps, 1 / steps), mode="valid")

    def _title(self, data: Gathered) -> str:
        places = {size: best(data, size) for size in RATES}
        known = [
            f"{float(data[f'held_out_{size}_{place}']):.2f} at B = {size}"
            for size, place in places.items()
            if place is not None
        ]
        if not known:
            return "The same examples buy more small steps or fewer large ones"
        return f"Loss on new images: {', '.join([known[0], *(one.replace('B = ', '') for one in known[1:])])}"

    def _alt(self) -> str:
        return (
            f"The loss against the number of examples processed, {EPOCHS} times {EXAMPLES:,}, for batches of 1, 20, 250 and all "
            "examples, each at the best of its learning rates. Open marks at the end are the losses on new images. Small batches "
            "take many short steps, and large batches few long ones. The batch of all examples takes three and stays behind."
        )


class NoiseFloor(Figure):
    """The noise floor against lr / B: the formula, independent draws, and the epochs of `sgd`."""

    slug = "noise-floor"
    exercises = ("noise_floor", "sgd")
    call_cpu_seconds = 3.0  # thousands of steps
    sizes = (1, 5)
    lrs = tuple(float(lr) for lr in np.geomspace(0.02, 1.9, 25))

    def gather(self, work: Work) -> None:
        for size in self.sizes:

            def floors(functions: Any, size: int = size) -> list[Any]:
                return [functions.noise_floor(lr, 1.0, hovering.noise(), size) for lr in self.lrs]

            work.ask(f"floor_{size}", "noise_floor", floors, (len(self.lrs),))
        work.arrays["independent"] = np.array([hovering.independent(*run) for run in hovering.RUNS])
        hovering.ask_for(work)

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        (axes,) = canvas.axes()
        for size, series in zip(self.sizes, (0, 1), strict=True):
            curve = partial(self._curve, size=size)
            canvas.curve(axes, data, f"floor_{size}", curve, f"noise_floor, B = {size}", series, markers=False)
        quotients = np.array([lr / size for lr, size in hovering.RUNS])
        ink: dict[str, Any] = {"color": canvas.theme.ink, "linestyle": "none"}
        axes.plot(quotients, data.arrays["independent"], marker="o", markersize=7, label="independent draws", **ink)
        epochs = data.yours("epochs")
        if epochs is not None:
            look: dict[str, Any] = {
                "color": canvas.theme.series[2],
                "linestyle": "none",
                "marker": "v",
                "markersize": 8,
            }
            axes.plot(quotients, epochs, label="sgd, shuffled epochs", **look)
        elif "epochs" in data.missing:
            canvas.say(axes, data.missing["epochs"], at="lower right")
        axes.set(xscale="log", yscale="log", xlim=(0.003, 2.2), ylim=(1e-3, 60))
        axes.set(xlabel="learning rate / batch size,  η / B", ylabel="mean squared distance to the minimum")
        plain_ticks(axes.xaxis, (0.01, 0.1, 1))
        plain_ticks(axes.yaxis, (0.001, 0.01, 0.1, 1, 10))
        canvas.predicted(axes, data, "epochs_or_draws", at="lower right")
        canvas.key(axes, data, *(f"floor_{size}" for size in self.sizes), loc="upper left")
        return Words(self._title(epochs), self._alt())

    def _curve(self, floors: Array, size: int) -> tuple[Array, Array]:
        return np.array(self.lrs) / size, floors

    def _title(self, epochs: Array | None) -> str:
        if epochs is None:
            return "While the learning rate is small, only η / B decides where SGD hovers"
        parts = [
            f"{epoch / hovering.floor(lr, size):.2f} at B = {size}"
            for epoch, (lr, size) in zip(epochs, hovering.RUNS, strict=True)
            if lr == hovering.RUNS[0][0]
        ]
        return f"Of the floor at η = {hovering.RUNS[0][0]:g}, shuffled epochs keep {' and '.join(parts)}"

    def _alt(self) -> str:
        return (
            "The mean squared distance at which SGD hovers in a bowl of curvature 1, against learning rate / batch size, on log "
            "axes. The curves for two batch sizes are one straight line while the learning rate is small. Each bends up where it "
            "comes near 2. Simulated independent draws lie on the curves, shuffled epochs below them."
        )


class CostOfGradient(Figure):
    """Time per gradient against the batch size."""

    slug = "cost-of-gradient"
    exercises = ("minibatch_gradient",)
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    repeats = 15

    def gather(self, work: Work) -> None:
        work.arrays["batch_size"] = np.array(self.sizes)
        # a second time, of the reference, would show the noise of the clock
        work.ask("seconds", "minibatch_gradient", self._time, (len(self.sizes),), exact=False, beside=False)
        count = sum(weight.numel() for weight in fresh_network())
        work.ask("gradient", "minibatch_gradient", self._gradient, (count,))  # a fast gradient may still be wrong

    def _time(self, functions: Any) -> Any:
        weights, data = fresh_network(100, dtype=torch.float32), digits(0, self.sizes[-1], torch.float32)
        return functions.run(time_gradients, weights, BatchCrossEntropy(), *data, list(self.sizes), self.repeats)

    def _gradient(self, functions: Any) -> torch.Tensor:
        ((gradient,), _, _) = functions.run(batch_gradients, fresh_network(), BatchCrossEntropy(), [digits(0, 50)])
        return torch.cat([part.flatten() for part in gradient])

    def draw(self, canvas: Canvas, data: Gathered) -> Words:
        left, right = canvas.axes(1, 2)
        sizes = data.arrays["batch_size"]
        canvas.curve(
            left, data, "seconds", lambda y: (sizes, 1e3 * y), "minibatch_gradient", markers=True, at="upper left"
        )
        canvas.curve(right, data, "seconds", lambda y: (sizes, 1e6 * y / sizes), "minibatch_gradient", at="upper right")
        self._axes(left, "time per gradient (ms)", (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50))
        self._axes(right, "time per example (µs)", (2, 5, 10, 20, 50, 100, 200, 500))
        if "gradient" in data.missing:
            canvas.say(left, data.missing["gradient"], at="upper left")
        canvas.key(left, data, "seconds")
        return Words(self._title(data.yours("seconds")), self._alt())

    def _axes(self, axes: Axes, label: str, ticks: tuple[float, ...]) -> None:
        axes.set(xscale="log", yscale="log", xlim=(0.9, 1100), xlabel="batch size B", ylabel=label)
        plain_ticks(axes.xaxis, (1, 10, 100, 1000))
        limits = axes.get_ylim()
        plain_ticks(axes.yaxis, ticks)
        axes.set_ylim(limits)

    def _title(self, seconds: Array | None) -> str:
        if seconds is None or seconds[0] <= 0:
            return "A gradient has a fixed cost for every batch size"
        return (
            f"A gradient of {self.sizes[-1]:,} examples takes {seconds[-1] / seconds[0]:.2g} times as long as one of 1"
        )

    def _alt(self) -> str:
        return (
            "Two log-log plots against the batch size. On the left, the time per gradient: flat for small batches, where calls "
            "cost more than arithmetic, then rising. On the right, the time per example: falling, then flat."
        )


FIGURES = (GradientNoise(), ExamplesProcessed(), NoiseFloor(), CostOfGradient())
