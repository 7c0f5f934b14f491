"""What happens: the outcomes of section 4's questions, from the student's functions."""

from operator import methodcaller

import numpy as np
import torch

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from . import networks
from .figures import BORDER, rate_of
from .network_figures import at_the_end, gather_sharpness
from .programs import steps_of_unit_states
from .ravine import GD_LR, SAME_BETA, STEEP, STEPS, bowl, curvatures, start, steps_to_arrive, way_across


class StepsWithMomentum(Experiment):
    """The steps in the ravine with the learning rate of gradient descent, with and without momentum."""

    key = "steps_with_momentum"
    exercises = ("minimize_with_momentum",)

    def gather(self, work: Work) -> None:
        for name, beta in (("without", 0.0), ("with", SAME_BETA)):
            call = methodcaller("minimize_with_momentum", bowl(), start(), GD_LR, beta, STEPS)
            work.ask(name, "minimize_with_momentum", call, (STEPS + 1, 2))

    def outcome(self, data: Gathered) -> Outcome:
        steps, before = (steps_to_arrive(data[name]) for name in ("with", "without"))
        if steps is None:
            raise ValueError("the run with momentum does not arrive")
        ways = [f"{way_across(data[name]):.1f}" for name in ("with", "without")]
        because = (
            f"Without momentum: {before or 'more than 100'} steps. The way across is {ways[0]} instead of {ways[1]}."
        )
        if before is not None and steps < before:
            because += (
                " Along the flat axis the gradients agree and the velocity sums them; across it they partly cancel."
            )
        return Outcome(steps, because)


class LargestLrWithMomentum(Experiment):
    """The learning rate above which the heavy ball with momentum 0.9 diverges."""

    key = "largest_lr_with_momentum"
    exercises = ("momentum_step",)
    beta = 0.9
    lrs = np.linspace(0.0, 0.25, 501)

    def gather(self, work: Work) -> None:
        def call(functions: object) -> object:
            lrs, betas = torch.from_numpy(self.lrs.copy()), torch.tensor([self.beta], dtype=torch.float64)
            return functions.run(steps_of_unit_states, "momentum_step", curvatures(), lrs, betas)  # type: ignore[attr-defined]

        work.ask("rate", "momentum_step", call, (1, len(self.lrs), 2, 2, 2), then=rate_of)

    def outcome(self, data: Gathered) -> Outcome:
        unstable = np.flatnonzero(data["rate"][0] > BORDER)
        if not len(unstable):
            raise ValueError("no learning rate of these diverges")
        lr = float(self.lrs[max(unstable[0] - 1, 0)])
        because = f"Without momentum the limit is {2 / STEEP:g}."
        if lr > 2 / STEEP:
            because += (
                " Near the limit the ball jumps from wall to wall, so old and new gradients have opposite signs on the steep "
                "axis. The old ones brake: the limit grows to 2 (1 + beta) / L."
            )
        return Outcome(round(lr, 4), because)


class SharpnessInTraining(Experiment):
    """The sharpness of a network at the end of a training."""

    key = "sharpness_in_training"
    exercises = ("sharpness",)
    call_cpu_seconds = 6.0

    def gather(self, work: Work) -> None:
        gather_sharpness(work, networks.LR)

    def outcome(self, data: Gathered) -> Outcome:
        measured = data[f"sharpness_{networks.LR:g}"]
        end, limit = at_the_end(measured), 2 / networks.LR
        assert end is not None
        because = f"It starts at {measured[0]:.2g} and ends at {end:.2g}; 2 / lr is {limit:.2g}."
        if 0.75 * limit <= end <= 1.25 * limit:
            because += (
                " Gradient descent moves to sharper regions as long as it is stable there; where the sharpness is above 2 / lr, "
                "it jumps away."
            )
        if end < 1:
            return Outcome("it falls below 1", because)
        if end < 0.75 * limit:
            return Outcome("it stays near 1.6", because)
        return Outcome("it rises to about 3.3" if end <= 1.25 * limit else "it rises far above 3.3", because)
