"""What happens: the outcomes of section 3's questions, from the student's functions."""

from typing import Any

import torch

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .epsilon import DISTANCES, ask_for_slopes, errors
from .figures import Moves
from .problems import RoundBowl


class GridOfTwiceTheWeights(Experiment):
    """The evaluations of a grid with 3 points per axis, for 4 and for 8 weights."""

    key = "grid_of_twice_the_weights"
    exercises = ("grid_search",)
    call_cpu_seconds = 3.0
    points = 3

    def gather(self, work: Work) -> None:
        for dim in (4, 8):

            def count(functions: Any, dim: int = dim) -> float:
                bowl = RoundBowl(torch.zeros(dim, dtype=torch.float64))
                return float(functions.grid_search(bowl, -1.0, 1.0, self.points, dim)[1])

            work.ask(f"weights_{dim}", "grid_search", count)

    def outcome(self, data: Gathered) -> Outcome:
        few, many = float(data["weights_4"]), float(data["weights_8"])
        because = f"Your grid search reports {few:,.0f} evaluations for 4 weights and {many:,.0f} for 8."
        if many == few * self.points**4:
            because += (
                f" Each further weight multiplies them by {self.points}, so four of them multiply by {many / few:.0f}."
            )
        return Outcome(many / few, because)


class BestRandomMove(Experiment):
    """The change in loss of the best of many random moves."""

    key = "best_random_move"
    exercises = ("random_direction",)
    call_cpu_seconds = 3.0

    def gather(self, work: Work) -> None:
        Moves().ask_for_random_moves(work)

    def outcome(self, data: Gathered) -> Outcome:
        changes = data["random"]
        best = float(changes.min())
        up = int((changes >= 0).sum())
        because = f"{up} of {len(changes)} random moves raise the loss, and the best changes it by {best:.2g}."
        if -0.05 < best < 0:
            because += (
                " Almost every direction is almost at right angles to the slope: a typical cosine is 1 / sqrt(1970)."
            )
        return Outcome(round(best, 4), because)


class ErrorOfATinyEps(Experiment):
    """The error of central differences with eps = 1e-4 and 1e-12."""

    key = "error_of_a_tiny_eps"
    exercises = ("finite_difference_gradient",)

    def gather(self, work: Work) -> None:
        ask_for_slopes(work)

    def outcome(self, data: Gathered) -> Outcome:
        found = dict(zip(DISTANCES, errors(data["slopes"]), strict=True))
        usual, tiny = (
            float(next(found[eps] for eps in DISTANCES if abs(eps / wanted - 1) < 0.1)) for wanted in (1e-4, 1e-12)
        )
        because = f"With eps = 1e-4 your largest error is {usual:.0e}, with eps = 1e-12 it is {tiny:.0e}."
        if tiny > 10 * usual:
            because += (
                " So close together, the two values differ by little more than rounding, which 1 / (2 eps) enlarges."
            )
            return Outcome("the error is far larger", because)
        return Outcome("the error is far smaller" if tiny < usual / 10 else "the error is about the same", because)
