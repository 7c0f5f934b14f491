"""What happens in section 9: losses of the first epoch, overfitting, and a weight without a slope."""

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from . import coasting
from .training_runs import EPOCHS, Overfitting, ask_for_curves


class FirstEpoch(Experiment):
    """The loss that `train_epoch` returns for the first epoch, and the one that `evaluate` measures after it."""

    key = "first_epoch"
    exercises = ("train_epoch", "evaluate")
    call_cpu_seconds = 3.0
    close = 0.1  # relative

    def gather(self, work: Work) -> None:
        ask_for_curves(work)

    def outcome(self, data: Gathered) -> Outcome:
        training, validation = float(data["training_loss"][0]), float(data["validation_loss"][0])
        numbers = f"train_epoch returns {training:.2f} for the first epoch, and evaluate then finds {validation:.2f}"
        if abs(training - validation) <= self.close * min(training, validation):
            return Outcome("they differ by less than 10 %", f"{numbers}.")
        if training > validation:
            why = (
                "train_epoch takes a mean over the epoch, and most of its batches met a network that had learned less."
            )
            return Outcome("the training loss", f"{numbers}: {why}")
        return Outcome("the loss on new digits", f"{numbers}.")


class AfterTheLowestLoss(Experiment):
    """The share of validation digits read, from the epoch of the lowest loss to the last."""

    key = "after_the_lowest_loss"
    exercises = ("train_epoch", "evaluate")
    call_cpu_seconds = 3.0
    close = 2.0  # percent of all digits

    def gather(self, work: Work) -> None:
        ask_for_curves(work)

    def outcome(self, data: Gathered) -> Outcome:
        found = Overfitting.of(data["validation_loss"], data["validation_accuracy"])
        if found.epoch == EPOCHS:
            raise ValueError("the loss is lowest after the last epoch")
        losses = f"From epoch {found.epoch} to {EPOCHS} the loss goes from {found.lowest:.2f} to {found.last:.2f}"
        numbers = f"{losses}, the share of digits read by {found.points:.1f} points"
        if abs(found.points) <= self.close:
            why = "The mistakes are about as many as before, but surer, and the loss counts that."
            return Outcome("it stays within 2 points", f"{numbers}. {why}")
        fell = found.points < 0
        return Outcome(f"it {'falls' if fell else 'rises'} by more than 2 points", f"{numbers}.")


class MovesWithoutASlope(Experiment):
    """A weight under OwnAdam, after its gradient has become zero."""

    key = "moves_without_a_slope"
    exercises = ("OwnAdam",)
    call_cpu_seconds = 3.0

    def gather(self, work: Work) -> None:
        coasting.ask_for(work)

    def outcome(self, data: Gathered) -> Outcome:
        far = float(f"{coasting.moved(data['zero']):.3g}")
        why = "By your rule, this is what remains of the averages."
        if far > 1:
            why = (
                "Adam's average of gradients falls only by a tenth in each step, and that of squares by a thousandth. So the "
                "weight coasts on."
            )
        return Outcome(far, why)
