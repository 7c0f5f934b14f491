"""What happens: the outcomes of section 1's questions, from the student's functions."""

from typing import Any

import numpy as np

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .examples import CG_STEPS, PRODUCTS, SOLVED, gather_estimates, leaves_at, three_eigenvalues


class StartOnTheWrongAxis(Experiment):
    """Where power iteration ends if it starts on the axis of the second eigenvalue."""

    key = "start_on_the_wrong_axis"
    exercises = ("power_iteration",)

    def gather(self, work: Work) -> None:
        gather_estimates(work, "wrong_axis")

    def outcome(self, data: Gathered) -> Outcome:
        estimates = data["wrong_axis"]
        end, after = float(estimates[-1]), leaves_at(estimates)
        because = f"The estimate after {PRODUCTS} products is {end:.4g}."
        if after is not None and estimates[0] < 2 < end and (estimates[after:] > 2).all():
            because += (
                f" It is nearer to 3 than to 1 from product {after} on. Rounding leaves a part of about 1e-17 along the axis of "
                "3, and every product makes this part three times as large."
            )
        if (np.diff(estimates > 2)).sum() > 1:
            return Outcome("it jumps between them", because)
        return Outcome("it moves to 3" if end > 2 else "it stays at 1", because)


class StepsForThreeEigenvalues(Experiment):
    """The steps of conjugate gradients for a matrix with three different eigenvalues."""

    key = "steps_for_three_eigenvalues"
    exercises = ("conjugate_gradients",)

    def gather(self, work: Work) -> None:
        def call(functions: Any) -> Any:
            return functions.conjugate_gradients(*three_eigenvalues(), CG_STEPS)

        work.ask("rows", "conjugate_gradients", call, (CG_STEPS + 1, 40))

    def outcome(self, data: Gathered) -> Outcome:
        A, b = three_eigenvalues()
        left = np.linalg.norm(b - data["rows"] @ A, axis=1) / np.linalg.norm(b)
        steps = int(np.flatnonzero(left < SOLVED)[0])
        because = f"After {steps} steps the residual is {left[steps]:.1g} of the first."
        if steps == 3:
            because += (
                " After k steps, the residual is b times the best polynomial of degree k in A that is 1 at zero. A polynomial of "
                "degree 3 can be 0 at all three eigenvalues."
            )
        return Outcome(steps, because)
