"""Mistakes in bold_driver."""

import math

from grader.toolkit.mistakes import mistake

from .shared import _expect_lr, _finite


@mistake(
    "bold_driver",
    hints=(
        "The loss went from 2 to 1. Would you drive faster now, or brake?",
        "In which order do the two losses come in, and which of them is the newer one?",
        "Grow when the new loss is below the previous one, and shrink otherwise. In yours it is the other way round.",
    ),
)
def reversed_comparison(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """Your driver brakes after a success and speeds up after a failure: the comparison is the wrong way round. From a
    learning rate that is too high it never recovers. Look at which of the two losses came first."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (shrink if fell else grow)


@mistake(
    "bold_driver",
    hints=(
        "The loss stayed exactly the same. Was that step a success?",
        "Read the line of the formula that says when to shrink: which case belongs to it that you count elsewhere?",
        "Grow only if the new loss is strictly below the previous one.",
    ),
)
def equal_loss_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You grow the learning rate when the loss stayed the same. A step that gained nothing is no success, and may be
    the sign of a rate that jumps from wall to wall. Look at how your comparison treats equality."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss <= previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss fell in its last digit. Was that step a success?",
        "Do you compare the two losses as they are, or allow for a difference that does not count?",
        "Grow if the new loss is below the previous one, by however little.",
    ),
)
def small_fall_shrinks(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You take a loss that fell by very little for one that did not fall. Near the minimum every fall is small, and there your
    learning rate would shrink after each good step. Look at how your comparison treats two losses that are close."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss and not math.isclose(loss, previous_loss)
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss stayed exactly the same. Which of the two factors do you apply?",
        "There are two outcomes here, not three.",
        "Whatever is not a strictly smaller loss shrinks the rate, so an equal loss belongs there, too.",
    ),
)
def equal_loss_keeps(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You leave the learning rate alone when the loss stayed the same. The bold driver knows two cases only: the loss
    fell, or it did not. Look at which of them an equal loss belongs to."""
    _expect_lr(lr)
    if _finite(previous_loss, loss) and loss == previous_loss:
        return lr
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "What do you return when the loss is NaN? And what when it stayed the same?",
        "A chain of two questions lets through whatever answers no to both. What does NaN answer?",
        "Ask one question only: did the loss fall to a finite value? Everything else shrinks.",
    ),
)
def keeps_when_in_doubt(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You leave the learning rate alone when the loss neither fell nor rose, which is so for an equal loss and also for
    NaN. A run that has blown up then goes on with the rate that blew it up. Everything that is not a fall must
    shrink."""
    _expect_lr(lr)
    if loss < previous_loss:
        return lr * grow
    if loss > previous_loss:
        return lr * shrink
    return lr


@mistake(
    "bold_driver",
    hints=(
        "What is `math.nan >= 1.0` in Python? And `math.nan < 1.0`?",
        "You ask whether the loss rose, and grow otherwise. Into which branch does NaN fall?",
        "Ask whether the loss fell, and is finite; shrink in every other case.",
    ),
)
def nan_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """A loss of NaN makes your driver go faster. NaN answers no to every comparison, so it lands in the branch that is
    left over, and yours is the one that grows. Let that branch be the careful one, and mind infinities as well."""
    _expect_lr(lr)
    return lr * (shrink if loss >= previous_loss else grow)


@mistake(
    "bold_driver",
    hints=(
        "What do you return for a loss of minus infinity? Has training gone well there?",
        "A comparison alone cannot tell a low loss from one that has run off the scale.",
        "Grow only if the loss fell and is a finite number.",
    ),
)
def minus_infinity_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You count a loss of minus infinity as a success. It is below every number, but no loss of a run in good health:
    something has overflowed. Any loss that is not finite must shrink the rate, whatever the comparison says."""
    _expect_lr(lr)
    return lr * (grow if loss < previous_loss else shrink)


@mistake(
    "bold_driver",
    hints=(
        "Call it with grow = 1.5. What changes?",
        "The numbers 1.05 and 0.5 are defaults. Where may they stand in your code?",
        "Use the arguments `grow` and `shrink` in the body, not the numbers.",
    ),
)
def factors_ignored(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """Your factors are fixed: you always use 1.05 and 0.5, whatever the caller passes. These are only the defaults of
    two arguments. Look at where the arguments are used in your code."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (1.05 if fell else 0.5)


@mistake(
    "bold_driver",
    hints=(
        "The loss rose, and shrink is 0.5. Is your new rate smaller than the old one?",
        "Dividing by a number below 1 makes what smaller, or larger?",
        "Multiply by `shrink`: it is a factor below 1.",
    ),
)
def divides_by_shrink(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a failure you divide by `shrink`. It is a factor below 1, so dividing by it speeds up where you mean to
    brake. Compare the formula with yours."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * grow if fell else lr / shrink


@mistake(
    "bold_driver",
    hints=(
        "After a success, a rate of 1 should become 1.05. What does yours become?",
        "Is `grow` the new rate as a multiple of the old, or what is added to it?",
        "Multiply by `grow` itself, without adding 1.",
    ),
)
def grow_as_increment(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a success you multiply by 1 + grow, as if `grow` were an interest rate. It is the factor itself: 1.05 means
    five per cent faster, and yours more than doubles the rate. Look at what the formula multiplies by."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (1 + grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss went from -1 to -2. Did it fall? What does your code say?",
        "A ratio of two negative numbers: when is it below 1?",
        "Compare the two losses with each other directly, without dividing.",
    ),
)
def ratio_of_losses(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You judge by the ratio of the two losses. That goes wrong as soon as a loss is negative, and divides by zero when
    one is 0. A loss can be any number: ask directly whether the new one is below the previous."""
    _expect_lr(lr)
    fell = _finite(previous_loss, loss) and loss / previous_loss < 1
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    slug="negative_lr_accepted",
    hints=(
        "What do you return for lr = -0.1?",
        "Which values of lr must be refused, according to the docstring?",
        "Raise a ValueError that names `lr` if it is below 0.",
    ),
)
def bold_driver_in_reverse(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You accept a negative learning rate. It would turn every step uphill, and no factor ever makes it positive again.
    See in the docstring which values must be refused, and how."""
    fell = _finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)
