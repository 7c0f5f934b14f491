"""What happens in section 7: who wins the fair race, what a wrong rate costs Adam, and how RMSprop starts."""

import numpy as np
import torch

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .programs import moves_of_weights
from .race import DECADE, PLAIN, RULES, ask_for, plain_losses

GOOD = 0.1  # nats: nearly all digits are learned


class LowestInTheRace(Experiment):
    """Every optimizer at the best rate of its sweep."""

    key = "lowest_in_the_race"
    exercises = tuple(RULES)

    def gather(self, work: Work) -> None:
        for rule in RULES:
            ask_for(work, rule)

    def outcome(self, data: Gathered) -> Outcome:
        best = {name: plain_losses(name).min() for name in PLAIN} | {
            name: data[rule].min() for rule, name in RULES.items()
        }
        first, second, *_ = order = sorted(best, key=lambda name: best[name])
        ends = ", ".join(f"{name} at {best[name]:.2g}" for name in (first, second, order[-1]))
        return Outcome(
            first, f"Each at its best rate: {ends}, the highest. At one rate for all, the winner depends on that rate."
        )


class WrongRateForAdam(Experiment):
    """Adam at its best rate, at a tenth of it and at ten times it."""

    key = "wrong_rate_for_adam"
    exercises = ("adam_step",)

    def gather(self, work: Work) -> None:
        ask_for(work, "adam_step")

    def outcome(self, data: Gathered) -> Outcome:
        losses = data["adam_step"]
        best = int(np.argmin(losses))
        if not DECADE <= best < len(losses) - DECADE:
            raise ValueError("the best rate lies at the edge of the sweep")
        lower, higher = losses[best - DECADE], losses[best + DECADE]
        ends = f"{losses[best]:.2g} at the best rate, {lower:.2g} at a tenth of it, {higher:.2g} at ten times it"
        numbers = f"The loss ends at {ends}"
        if max(lower, higher) < GOOD:
            return Outcome("both end below a loss of 0.1", f"{numbers}.")
        if higher > lower:
            return Outcome("ten times higher", f"{numbers}: short steps cost time, long ones jump across the valley.")
        return Outcome("ten times lower", f"{numbers}: short steps do not arrive in time.")


class FirstStepOfRmsprop(Experiment):
    """The first step of RMSprop from an average of zero."""

    key = "first_step_of_rmsprop"
    exercises = ("rmsprop_step",)
    lr = 0.01

    def gather(self, work: Work) -> None:
        gradients = torch.full((1, 1), 0.1, dtype=torch.float64)
        work.ask(
            "move",
            "rmsprop_step",
            lambda functions: functions.run(moves_of_weights, "rmsprop_step", gradients, self.lr),
            (1, 1),
            np.abs,
        )

    def outcome(self, data: Gathered) -> Outcome:
        length = float(f"{data['move'][0, 0] / self.lr:.4g}")
        why = "By your rule, the average after one step makes the step this long."
        if abs(length - 10) < 0.1:
            why = (
                "The average starts at zero. After one step it is 0.01 of the squared gradient, so RMSprop divides by a tenth of "
                "the gradient."
            )
        return Outcome(length, why)
