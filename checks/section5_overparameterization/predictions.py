"""What happens in section 5: which width always suffices, how high the barrier is, and what new units change."""

import numpy as np

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from . import teacher_runs
from .convergence import SOLVED
from .figures import ask_for_lines, place_of
from .teacher_runs import ADDED, GROWN, WIDTHS, smallest_sure_width, solved


class UnitsThatAlwaysSuffice(Experiment):
    """The smallest of the widths at which every seed finds the teacher."""

    key = "units_that_always_suffice"
    exercises = ("train_from_seeds",)
    call_cpu_seconds = 10.0

    def gather(self, work: Work) -> None:
        teacher_runs.ask_for(work)

    def outcome(self, data: Gathered) -> Outcome:
        curves = {width: data[f"loss_{width}"] for width in WIDTHS}
        width = smallest_sure_width(curves)
        if width is None:
            raise ValueError("at none of the widths do all runs find the teacher")
        counts = ", ".join(f"{solved(curves[one])} with {one}" for one in WIDTHS)
        because = f"Of {len(curves[width])} runs so many find the teacher: {counts} units."
        if width > 3:
            starts = len(curves[width])
            because += f" From 3 units on the data can be fitted, but only with units to spare do all {starts} starts get there."
        return Outcome(width, because)


class LossHalfWayToATwin(Experiment):
    """The loss half way between a network and the same one with its units in reverse order."""

    key = "loss_half_way_to_a_twin"
    exercises = ("permute_hidden_units", "interpolate")

    def gather(self, work: Work) -> None:
        ask_for_lines(work)

    def outcome(self, data: Gathered) -> Outcome:
        copy = data["copy"]
        ends, half = copy[place_of(0.0)], float(copy[place_of(0.5)])
        because = f"At the solution it is {ends:.2g}, and half way {half:.2g}."
        if half > 2 * ends:
            because += (
                " There, each unit is the mean of two different units and does the work of neither. A loss with such a "
                "barrier is not convex."
            )
        return Outcome(float(f"{half:.2g}"), because)


class NineMoreUnits(Experiment):
    """Networks of 3 units that are stuck get 9 more units with tiny weights. Do their losses fall?"""

    key = "nine_more_units"
    exercises = ("train_from_seeds",)
    call_cpu_seconds = 10.0

    def gather(self, work: Work) -> None:
        teacher_runs.ask_for(work)

    def outcome(self, data: Gathered) -> Outcome:
        before, after = data[f"loss_{GROWN}"][:, -1], data["loss_grown"][:, -1]
        stuck = before >= SOLVED
        if not stuck.any():
            raise ValueError("no run is stuck")
        share = float(np.median(after[stuck] / before[stuck]))
        because = (
            f"{int(stuck.sum())} runs with {GROWN} units are stuck. With {ADDED} more units, their median loss goes from "
            f"{np.median(before[stuck]):.2g} to {np.median(after[stuck]):.2g}."
        )
        if share < 0.1:
            because += (
                " With new units of weight zero, a bad minimum is a saddle of the large network: they have a way down."
            )
            return Outcome("it falls below a tenth", because)
        return Outcome("it falls to about half" if share < 0.75 else "it stays the same", because)
