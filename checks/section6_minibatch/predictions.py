"""What happens in section 6: which batch size wins, how lr and batch size combine, and what shuffling changes."""

from typing import Any

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from . import budget, hovering


class OneOrTwenty(Experiment):
    """`sgd` with batches of 1 and of 20, each at its best learning rate."""

    key = "one_or_twenty"
    exercises = ("sgd",)
    call_cpu_seconds = 3.0
    close = 0.1  # relative

    def gather(self, work: Work) -> None:
        for size in (1, 20):
            budget.ask_for(work, size)

    def outcome(self, data: Gathered) -> Outcome:
        one, twenty = (
            min(float(data[f"held_out_{size}_{place}"]) for place in range(len(budget.RATES[size]))) for size in (1, 20)
        )
        why = f"The loss on new images ends at {one:.2f} with batches of 1, and at {twenty:.2f} with batches of 20."
        if abs(one - twenty) <= self.close * min(one, twenty):
            why += " 20 rough steps go about as far as one step that is 20 times as long and has a 20th of the noise."
            return Outcome("about the same", why)
        return Outcome("batches of 1, by far" if one < twenty else "batches of 20, by far", why)


class DoubleLrAndBatch(Experiment):
    """The noise floor at a small learning rate, and at twice that with batches twice as large."""

    key = "double_lr_and_batch"
    exercises = ("noise_floor",)

    def gather(self, work: Work) -> None:
        def floors(functions: Any) -> list[Any]:
            return [functions.noise_floor(times * 0.01, 1.0, 8.0, times * 10) for times in (1, 2)]

        work.ask("floors", "noise_floor", floors, (2,))

    def outcome(self, data: Gathered) -> Outcome:
        ratio = float(data["floors"][1] / data["floors"][0])
        numbers = f"From lr 0.01 and B = 10 to lr 0.02 and B = 20, the floor changes by the factor {ratio:.3g}"
        if 0.9 <= ratio <= 1.1:
            return Outcome("it stays about the same", f"{numbers}: while lr is small, only lr / B matters.")
        if 0.4 <= ratio <= 0.6:
            return Outcome("it halves", f"{numbers}.")
        if 1.7 <= ratio <= 2.3:
            return Outcome("it doubles", f"{numbers}.")
        raise ValueError(f"a ratio of {ratio}")


class EpochsOrDraws(Experiment):
    """The epochs of `sgd` against independent draws, at lr 0.1."""

    key = "epochs_or_draws"
    exercises = ("sgd",)
    call_cpu_seconds = 3.0
    lr, size = hovering.RUNS[2]

    def gather(self, work: Work) -> None:
        hovering.ask_for(work)

    def outcome(self, data: Gathered) -> Outcome:
        share = float(data["epochs"][2]) / hovering.floor(self.lr, self.size)
        numbers = f"At lr {self.lr:g} the epochs hover at {share:.2g} of the floor of independent draws"
        if share < 0.8:
            why = "each example counts once in an epoch, so the errors of its batches cancel, at least in part."
            return Outcome("closer to the minimum", f"{numbers}: {why}")
        return Outcome("equally far" if share <= 1.25 else "farther from the minimum", f"{numbers}.")
