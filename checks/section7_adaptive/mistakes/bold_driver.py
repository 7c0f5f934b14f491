"""Mistakes in bold_driver."""

import math

from grader.toolkit.mistakes import mistake

from .shared import all_finite, expect_lr


@mistake(
    "bold_driver",
    hints=(
        "The loss goes from 2 to 1. Would you drive faster now, or brake?",
        "What is the order of the two losses in the arguments? Which of them is newer?",
        "Grow when the new loss is below the previous one, and shrink otherwise. Your code does the opposite.",
    ),
)
def reversed_comparison(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You lower the rate after a success and raise it after a failure: your comparison is reversed. So a learning rate
    that is too high never recovers. Check which of the two losses is the previous one."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (shrink if fell else grow)


@mistake(
    "bold_driver",
    hints=(
        "The loss does not change at all. Was the step a success?",
        "Read the case of the formula for `shrink`. Which losses belong to it?",
        "Grow only if the new loss is strictly below the previous one.",
    ),
)
def equal_loss_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You raise the learning rate when the loss stays the same. A step without gain is no success: the weights may jump
    from one wall to the other. Check your comparison for equal losses."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss <= previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss falls only in its last digit. Was the step a success?",
        "Do you compare the two losses directly, or with a tolerance?",
        "Grow if the new loss is below the previous one, by any amount.",
    ),
)
def small_fall_shrinks(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You treat a very small fall of the loss as no fall. Near the minimum every fall is small, and there your learning
    rate shrinks after each good step. Compare the two losses without a tolerance."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss and not math.isclose(loss, previous_loss)
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss does not change at all. Which of the two factors do you apply?",
        "There are two cases here, not three.",
        "Shrink whenever the loss is not strictly smaller, so also for an equal loss.",
    ),
)
def equal_loss_keeps(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You keep the learning rate when the loss stays the same. There are only two cases: the loss fell, or it did not.
    An equal loss did not fall, so shrink."""
    expect_lr(lr)
    if all_finite(previous_loss, loss) and loss == previous_loss:
        return lr
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "What do you return for a loss of NaN? And for an equal loss?",
        "A chain of two comparisons has a third case: both are false. For which losses does this happen?",
        "Test only one condition: did the loss fall to a finite value? Shrink in every other case.",
    ),
)
def keeps_when_in_doubt(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You keep the learning rate if the loss is equal or NaN. After NaN, the run continues with the rate that caused it.
    Shrink in every case except a fall."""
    expect_lr(lr)
    if loss < previous_loss:
        return lr * grow
    if loss > previous_loss:
        return lr * shrink
    return lr


@mistake(
    "bold_driver",
    hints=(
        "What is `math.nan >= 1.0` in Python? And `math.nan < 1.0`?",
        "You test whether the loss rose, and grow otherwise. Which branch does NaN take?",
        "Test whether the loss fell and is finite. Shrink in every other case.",
    ),
)
def nan_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You raise the rate for a loss of NaN. NaN is neither above nor below a number, so your code reaches the last branch,
    and this branch grows. Let the last branch shrink, and test for infinities, too."""
    expect_lr(lr)
    return lr * (shrink if loss >= previous_loss else grow)


@mistake(
    "bold_driver",
    hints=(
        "What do you return for a loss of minus infinity? Is it a sign of good training?",
        "A comparison alone cannot separate a low loss from an overflow.",
        "Grow only if the loss fell and is a finite number.",
    ),
)
def minus_infinity_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You treat a loss of minus infinity as a success. It is below every number, but it comes from an overflow. Shrink
    for every loss that is not finite."""
    expect_lr(lr)
    return lr * (grow if loss < previous_loss else shrink)


@mistake(
    "bold_driver",
    hints=(
        "Call it with grow = 1.5. Does the result change?",
        "The numbers 1.05 and 0.5 are defaults. In which line may they occur?",
        "Use the arguments `grow` and `shrink` in the body, not the numbers.",
    ),
)
def factors_ignored(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You always use the factors 1.05 and 0.5. These are only the defaults of `grow` and `shrink`. Check where your
    code uses the two arguments."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (1.05 if fell else 0.5)


@mistake(
    "bold_driver",
    hints=(
        "The loss rises, and shrink is 0.5. Is your new rate smaller than the old one?",
        "Does a division by a number below 1 make the rate smaller or larger?",
        "Multiply by `shrink`: it is a factor below 1.",
    ),
)
def divides_by_shrink(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a failure you divide by `shrink`. It is a factor below 1, so the division raises the rate. Compare the
    formula with your code."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * grow if fell else lr / shrink


@mistake(
    "bold_driver",
    hints=(
        "After a success, a rate of 1 should become 1.05. What is your result?",
        "Is `grow` the factor itself, or the part that is added?",
        "Multiply by `grow` itself, without adding 1.",
    ),
)
def grow_as_increment(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a success you multiply by 1 + grow, as if `grow` were an interest rate. `grow` is the factor itself: 1.05
    means five per cent faster, and your rate more than doubles. Compare your factor with the formula."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (1 + grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss goes from -1 to -2. Did it fall? What does your code do?",
        "When is the ratio of two negative numbers below 1?",
        "Compare the two losses directly, without a division.",
    ),
)
def ratio_of_losses(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You compare the ratio of the two losses with a number. That is wrong if a loss is negative, and a loss of 0 can
    give a division by zero. Test directly whether the new loss is below the previous one."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss / previous_loss < 1
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    slug="negative_lr_accepted",
    hints=(
        "What do you return for lr = -0.1?",
        "Which values of lr does the docstring say to refuse?",
        "Raise a ValueError that names `lr` if it is below 0.",
    ),
)
def bold_driver_in_reverse(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You accept a negative learning rate. It turns every step uphill, and no factor makes it positive again. Check in
    the docstring which values to refuse, and with which error."""
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "After a success with lr = 0.5, what is 0.5 * 1.05?",
        "Is `grow` a factor or a difference?",
        "Multiply by `grow`.",
    ),
)
def growth_added(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a success you add `grow` to the rate. It is a factor: the new rate is lr * grow."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr + grow if fell else lr * shrink


@mistake(
    "bold_driver",
    hints=(
        "The loss stays exactly the same. What does the docstring ask for?",
        "Do you have a third case?",
        "Treat equal losses as a failure.",
    ),
)
def kept_when_equal(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You keep the rate if both losses are equal. The formula has only two cases: unless the loss fell, the rate
    shrinks."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr if loss == previous_loss else lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss is NaN. What should the next learning rate be?",
        "Do you return early for such a loss?",
        "Shrink as after any failure.",
    ),
)
def kept_when_not_finite(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You keep the rate if the loss is not finite. The step was too long then: such a loss always shrinks the
    rate."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink) if math.isfinite(loss) else lr


@mistake(
    "bold_driver",
    hints=(
        "The loss is NaN. What should the next learning rate be?",
        "Can a rate of zero ever grow again?",
        "Shrink as after any failure.",
    ),
)
def zero_when_not_finite(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You return 0 if the loss is not finite. Then the training never moves again: shrink the rate as after any
    failure."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and loss < previous_loss
    return lr * (grow if fell else shrink) if math.isfinite(loss) else 0.0


@mistake(
    "bold_driver",
    hints=(
        "The loss falls by a hundred-thousandth of its value. Was the step a success?",
        "What happens with your threshold if the losses are negative?",
        "Compare the two losses directly.",
    ),
)
def threshold_of_a_scheduler(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You ask the loss to fall by a share of its value, 1e-4, as PyTorch's ReduceLROnPlateau does. Near the minimum each fall is
    smaller, and your rate shrinks after good steps. Any fall is a success here."""
    expect_lr(lr)
    return lr * (grow if math.isfinite(loss) and loss < previous_loss * (1 - 1e-4) else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss rises by one percent. What does the rule do with lr, and what does yours?",
        "Some versions of this rule tolerate small rises. Does this one?",
        "Shrink lr whenever the loss has not fallen.",
    ),
)
def small_rises_keep_lr(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You keep the rate if the loss rises by at most 4 percent, as in an older version of this rule. Here each step that does
    not lower the loss shrinks the rate. Look for a third case in your code."""
    expect_lr(lr)
    if math.isfinite(loss) and loss < previous_loss:
        return lr * grow
    return lr if math.isfinite(loss) and loss <= previous_loss * 1.04 else lr * shrink


@mistake(
    "bold_driver",
    hints=(
        "The loss goes from -1 to 2. Did it fall? What does your code do?",
        "Divide a rise by a negative number. Which sign does the result have?",
        "Compare the two losses directly, without a division.",
    ),
)
def relative_fall(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """Your decision is wrong where `previous_loss` is negative, as if you divide the fall of the loss by it: the sign turns the
    comparison around. Compare the two losses themselves."""
    expect_lr(lr)
    if not all_finite(previous_loss, loss) or previous_loss == 0:
        return lr * shrink
    return lr * (grow if (previous_loss - loss) / previous_loss > 0 else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss goes from 2 to -3. Did it fall? What does your code do?",
        "Which is lower, -3 or 2? Which is larger without its sign?",
        "Compare the two losses themselves, with their signs.",
    ),
)
def absolute_losses(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You compare the absolute values of the two losses. A loss may be negative: a change from 2 to -3 is a fall.
    Compare the losses with their signs."""
    expect_lr(lr)
    fell = all_finite(previous_loss, loss) and abs(loss) < abs(previous_loss)
    return lr * (grow if fell else shrink)


@mistake(
    "bold_driver",
    hints=(
        "The loss does not change at all. Which branch does your code take?",
        "Do you ask whether the loss rose, or whether it fell? Which losses do neither?",
        "Grow only if the new loss is below the previous one. Shrink in every other case.",
    ),
)
def shrinks_only_after_a_rise(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You shrink only if the loss rose, or is not finite. So you raise the rate when it stays the same, and when
    `previous_loss` is NaN. Ask whether the loss fell, and shrink in every other case."""
    expect_lr(lr)
    return lr * (shrink if not math.isfinite(loss) or loss > previous_loss else grow)


@mistake(
    "bold_driver",
    hints=(
        "The loss does not change at all. Which branch does your code take? And for a loss of NaN?",
        "Do you ask whether the loss rose, or whether it fell? Which losses do neither?",
        "Grow only if the new loss is finite and below the previous one. Shrink in every other case.",
    ),
)
def any_other_than_a_rise_grows(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """You shrink only if the loss rose. So you raise the rate when it stays the same, and also when it is NaN or minus
    infinity. Ask whether it fell to a finite number, and shrink in every other case."""
    expect_lr(lr)
    return lr * (shrink if loss > previous_loss else grow)


@mistake(
    "bold_driver",
    hints=(
        "The loss rises, and lr is 0.1. Which rate do you return?",
        "How does Python read `a * b if c else d`: where does the first branch end?",
        "Both branches multiply the rate: put parentheses around the `if`.",
    ),
)
def shrink_itself_returned(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    """After a failure you return `shrink` itself, and not lr * shrink. Python reads `lr * grow if fell else shrink` as
    `(lr * grow) if fell else shrink`. Both branches should multiply the rate."""
    expect_lr(lr)
    return lr * grow if all_finite(previous_loss, loss) and loss < previous_loss else shrink
