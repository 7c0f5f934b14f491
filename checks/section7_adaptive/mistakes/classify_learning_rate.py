"""Mistakes in classify_learning_rate."""

import itertools
import math

from grader.toolkit.mistakes import mistake

from .shared import all_finite


@mistake(
    "classify_learning_rate",
    hints=(
        "Multiply all losses by 1000. Does your verdict change?",
        "A drop by 0.1 is large for a loss of 0.2, and tiny for a loss of 40.",
        "Divide the drop by the absolute value of the first loss before you compare.",
    ),
)
def absolute_drop(losses, min_drop=0.1):
    """You compare the drop itself with `min_drop`, so your verdict depends on the unit of the loss. Use the drop
    relative to the first loss. Check the denominator of the formula."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from -1 to -2. Is that a drop? What does your code say?",
        "What is the sign of a quotient with a negative denominator?",
        "Divide by the absolute value of the first loss.",
    ),
)
def signed_denominator(losses, min_drop=0.1):
    """You divide by the first loss with its sign. If it is negative, every real drop becomes negative, and you call it
    too small. The formula divides by the absolute value."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / losses[0] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 2 to 1. By what percentage does it fall?",
        "Is a drop relative to the start, or to the end?",
        "Divide by the first loss, not by the last.",
    ),
)
def relative_to_the_last(losses, min_drop=0.1):
    """You divide the drop by the last loss. A fall from 2 to 1 is 50 %, not 100 %, and a last loss of 0 divides by
    zero. Check which loss the formula divides by."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / abs(losses[-1]) < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The last loss equals the first. Which verdict does the docstring give?",
        'Does "not below" include "equal"?',
        "The verdict is too high unless the last loss is strictly below the first.",
    ),
)
def equal_is_too_low(losses, min_drop=0.1):
    """You return "too low" when the last loss equals the first. By the rule, a last loss that is not below the first
    means "too high", and an equal loss is not below. Check your comparison for equal losses."""
    if not all_finite(*losses) or losses[-1] > losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 1 to 0.9999. Which verdict does the docstring give?",
        "How close are two losses that your code treats as equal?",
        "Compare with `<` and no tolerance: a last loss below the first, by any amount, has fallen.",
    ),
)
def nearly_equal_is_too_high(losses, min_drop=0.1):
    """You return "too high" when the last loss is only slightly below the first. The loss falls, but far too slowly:
    the rate is too low. Compare the two losses without a tolerance."""
    if not all_finite(*losses) or losses[-1] >= losses[0] or math.isclose(losses[0], losses[-1], rel_tol=1e-3):
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss is NaN for one step, and then recovers. Which verdict does the docstring give?",
        "How many of the losses do you test?",
        "Test whether every loss of the curve is finite, not only the first and the last.",
    ),
)
def middle_not_looked_at(losses, min_drop=0.1):
    """You test only the ends of the curve, and miss a loss in between that is not finite. A run that overflowed had too
    high a rate, also if it recovers. Test all losses."""
    if not all_finite(losses[0], losses[-1]) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on the losses 2, NaN? What is `math.nan >= 2` in Python?",
        "Every comparison with NaN is false. Which of your branches does NaN take?",
        "First of all, test whether all losses are finite.",
    ),
)
def finiteness_not_checked(losses, min_drop=0.1):
    """You never test whether the losses are finite. Every comparison with NaN is false, so a run that overflowed passes
    all your tests and is called good. Test this first, for every loss."""
    if losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on a curve that starts at infinity, or reaches it in between?",
        "Three kinds of floats are not finite. How many of them do you test?",
        "Test whether each loss is finite: this covers NaN and both infinities.",
    ),
)
def infinity_passes(losses, min_drop=0.1):
    """You detect NaN, but accept an infinite loss. It also shows an overflow, even if the loss recovers. Check which
    test you apply to each loss."""
    if any(math.isnan(loss) for loss in losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 5, 1. Which verdict does the docstring give?",
        "A loss may rise for a while in a good run. Which two losses count?",
        "Compare the last loss with the first. Of the others, test only whether they are finite.",
    ),
)
def any_rise_is_too_high(losses, min_drop=0.1):
    """You return "too high" as soon as the loss rises from one step to the next. A good run may rise now and then. If
    all losses are finite, only the first and the last count."""
    rises = any(new > old for old, new in itertools.pairwise(losses))
    if not all_finite(*losses) or rises or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 0.5, 3. What is the loss at the end of this run?",
        "Which loss do you compare with the first: the last or the smallest?",
        "Use the last loss.",
    ),
)
def smallest_for_last(losses, min_drop=0.1):
    """You use the smallest loss in place of the last one. A low loss in the middle of a run does not show where the run
    ends. Check which loss you compare with the first."""
    if not all_finite(*losses) or min(losses) >= losses[0]:
        return "too high"
    return "too low" if losses[0] - min(losses) < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "Print your list of losses before and after the call. Is it the same?",
        "Which list methods change their list: those that sort, those that remove an entry?",
        "Read the first and the last entry by index, and do not change the list.",
    ),
)
def losses_changed(losses, min_drop=0.1):
    """Your verdicts are right, but you change the caller's list: entries are missing, or in another order. A later plot
    of the curve is then wrong. Check which list methods you call."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    last = losses.pop()
    return "too low" if losses[0] - last < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on losses that rise?",
        "A rise is a negative drop. Is that below `min_drop`?",
        "Test for too high first, and for too low only if the loss fell.",
    ),
)
def too_low_asked_first(losses, min_drop=0.1):
    """You test first whether the drop is small, so every rising curve is called too low: a rise is a negative drop.
    Compare the order of your tests with the docstring."""
    if losses[0] - losses[-1] < min_drop * abs(losses[0]):
        return "too low"
    return "good" if all_finite(*losses) else "too high"


@mistake(
    "classify_learning_rate",
    hints=(
        "Call it with min_drop = 0.5. Does the result change?",
        "0.1 is a default. In which line may it occur?",
        "Use the argument `min_drop` in the body, not the number.",
    ),
)
def min_drop_ignored(losses, min_drop=0.1):
    """You always use 0.1 as the expected drop. That is only the default of `min_drop`: a longer run should drop
    further. Check where your code uses the argument."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < 0.1 * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls by 75 per cent. What is your verdict?",
        "With too low a rate, the loss hardly changes. Is that a small or a large drop?",
        "Reverse the last comparison.",
    ),
)
def verdicts_swapped(losses, min_drop=0.1):
    """You call a large drop too low and a small one good: your last comparison is reversed. A rate is too low when the
    loss hardly falls. Try the examples of the docstring."""
    if not all_finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "good" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "too low"
