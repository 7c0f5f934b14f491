"""What happens: the outcomes of section 2's questions, from the student's functions."""

from typing import Any

import numpy as np

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .examples import MIDDLES, RECTANGLE, SMALL, gather_newton, lengths, steps_until_small


class ClustersOfARectangle(Experiment):
    """The clusters of the corners of a rectangle, from centres in the middle of its long sides."""

    key = "clusters_of_a_rectangle"
    exercises = ("kmeans_step",)

    def gather(self, work: Work) -> None:
        def call(functions: Any) -> Any:
            centres, labels = MIDDLES, None
            for _ in range(10):
                labels, centres = functions.kmeans_step(RECTANGLE, centres)
            again, _ = functions.kmeans_step(RECTANGLE, centres)
            return np.stack([labels, again]).astype(float)

        work.ask("labels", "kmeans_step", call, (2, 4))

    def outcome(self, data: Gathered) -> Outcome:
        labels, again = data["labels"]
        if (labels != again).any():
            return Outcome("it never ends", "After ten steps, the labels still change.")
        lower_left, lower_right, upper_left, upper_right = labels
        if lower_left == lower_right != upper_left == upper_right:
            because = (
                "Each point is nearest to the centre of its own long side, and the mean of these points is that centre: no step "
                "changes anything. The sum of squares is 16; with the left and the right pair it is 1. So the start decides."
            )
            return Outcome("the upper and the lower pair", because)
        if lower_left == upper_left != lower_right == upper_right:
            return Outcome("the left and the right pair", "The sum of squares of these clusters is 1.")
        raise ValueError("other clusters")


class NewtonSteps(Experiment):
    """The Newton steps until the gradient of logistic regression is small."""

    key = "newton_steps"
    exercises = ("newton_step",)

    def gather(self, work: Work) -> None:
        gather_newton(work)

    def outcome(self, data: Gathered) -> Outcome:
        steps = steps_until_small(data["path"])
        if steps is None:
            raise ValueError(f"the gradient does not fall below {SMALL}")
        last = ", ".join(f"{length:.1g}" for length in lengths(data["path"])[: steps + 1][-4:])
        because = (
            f"The last lengths of the gradient are {last}: the exponent about doubles in each step, near the minimum."
        )
        return Outcome(steps, because)
