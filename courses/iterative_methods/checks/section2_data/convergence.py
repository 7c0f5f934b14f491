"""Kaczmarz's method in random order. Equations are drawn here; only the projections run in a worker."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.toolkit.convergence import Measurement


@dataclass(frozen=True)
class KaczmarzRun:
    """A trigonometric polynomial of degree 7 from 150 samples at places in order: neighbouring rows are nearly parallel."""

    samples: int = 150
    degree: int = 7
    sweeps: int = 2
    orders: int = 8  # a single order is too much a matter of luck
    exercise: str = "kaczmarz"
    quantity: str = "log10 of the relative error after 2 sweeps in random order, mean of 8 orders"
    contrast_name: str = "rows from first to last"
    limit: float | None = None

    def system(self) -> tuple[Any, Any, Any]:
        """Matrix, right-hand side and solution."""
        rng = np.random.default_rng(0)
        angles = np.sort(rng.uniform(0, 2 * np.pi, self.samples))[:, None] * np.arange(1, self.degree + 1)
        A = np.concatenate([np.full((self.samples, 1), np.sqrt(0.5)), np.cos(angles), np.sin(angles)], axis=1)
        solution = rng.standard_normal(A.shape[1])
        return A, A @ solution, solution

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The error of the solver's last points. By the rule, they are where this loop ends."""
        A, b, solution = self.system()
        generator = np.random.default_rng(seed)
        errors, by_the_rule = [], True
        for _ in range(self.orders):
            order = [int(i) for _ in range(self.sweeps) for i in generator.permutation(self.samples)]
            x = solver.kaczmarz(A, b, np.zeros_like(solution), order)
            if not isinstance(x, np.ndarray) or x.shape != solution.shape:
                return Measurement(np.inf, False)
            point = np.zeros_like(solution)
            for i in order:
                point = point + (b[i] - A[i] @ point) / (A[i] @ A[i]) * A[i]
            by_the_rule = by_the_rule and bool(np.allclose(x, point, 1e-7, 1e-9))
            errors.append(_error(x, solution))
        return Measurement(float(np.mean(errors)), by_the_rule)

    def contrast(self, solver: Any, seed: int) -> float:
        """The error after as many sweeps from the first row to the last, from a random row on."""
        A, b, solution = self.system()
        first = int(np.random.default_rng(seed).integers(self.samples))
        order = [(first + i) % self.samples for i in range(self.samples)] * self.sweeps
        return _error(solver.kaczmarz(A, b, np.zeros_like(solution), order), solution)


def _error(x: Any, solution: Any) -> float:
    """log10 of the relative error of a point."""
    return float(np.log10(np.linalg.norm(x - solution) / np.linalg.norm(solution)))


KACZMARZ = KaczmarzRun()
RUNS = {"kaczmarz": KACZMARZ}
