"""Mistakes in classify_learning_rate."""

import itertools
import math

from grader.toolkit.mistakes import mistake

from .shared import _finite


@mistake(
    "classify_learning_rate",
    hints=(
        "Multiply all losses by 1000. Does your verdict change?",
        "A drop by 0.1 is much for a loss of 0.2, and nothing for a loss of 40.",
        "Divide the drop by the absolute value of the first loss before you compare.",
    ),
)
def absolute_drop(losses, min_drop=0.1):
    """You compare the drop itself with `min_drop`, and so your verdict depends on the unit of the loss. What is asked
    for is the drop as a share of the first loss. Look at what the formula divides by."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from -1 to -2. Is that a drop? What does your code say?",
        "What sign does a fraction have if its denominator is negative?",
        "Divide by the absolute value of the first loss.",
    ),
)
def signed_denominator(losses, min_drop=0.1):
    """You divide by the first loss with its sign. If it is negative, every real drop comes out negative, and is called
    too small. Look at the bars in the denominator of the formula."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / losses[0] < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 2 to 1. By how many per cent did it fall?",
        "Relative to what is a drop measured: to where it began, or to where it ended?",
        "Divide by the first loss, not by the last.",
    ),
)
def relative_to_the_last(losses, min_drop=0.1):
    """You measure the drop relative to the last loss. A fall from 2 to 1 is one by half, not one by the whole, and a
    last loss of 0 divides by zero. Look at which loss the formula divides by."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if (losses[0] - losses[-1]) / abs(losses[-1]) < min_drop else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The last loss equals the first. Which verdict does the docstring ask for?",
        'Does "not below" include "equal"?',
        "Call it too high unless the last loss is strictly below the first.",
    ),
)
def equal_is_too_low(losses, min_drop=0.1):
    """You call the rate too low when the last loss equals the first. By the rule, a loss that is not below its start
    means too high, and equal is not below. Look at how your comparison treats equality."""
    if not _finite(*losses) or losses[-1] > losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls from 1 to 0.9999. Which verdict does the docstring ask for?",
        "How near must two losses be for your code to call them equal?",
        "Compare with `<` alone: a last loss that is below the first by anything at all has fallen.",
    ),
)
def nearly_equal_is_too_high(losses, min_drop=0.1):
    """You call the rate too high when the last loss is below the first, but hardly. That is the mark of a rate that is too
    low: the loss falls, and takes for ever. Look at how near two losses must be to count as equal in your code."""
    if not _finite(*losses) or losses[-1] >= losses[0] or math.isclose(losses[0], losses[-1], rel_tol=1e-3):
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss was NaN for one step, and recovered. Which verdict does the docstring ask for?",
        "How many of the losses do you look at?",
        "Test every loss of the curve for being finite, not only the ends.",
    ),
)
def middle_not_looked_at(losses, min_drop=0.1):
    """You look only at the ends of the curve, and miss a loss in between that is not finite. Once a run has overflowed
    it was lucky to come back: the rate was too high. Let your test go over all losses."""
    if not _finite(losses[0], losses[-1]) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on the losses 2, NaN? And what is `math.nan >= 2` in Python?",
        "NaN answers no to every comparison. Into which of your branches does it fall?",
        "Before anything else, ask whether all losses are finite.",
    ),
)
def finiteness_not_checked(losses, min_drop=0.1):
    """You never ask whether the losses are finite. NaN answers no to every comparison, so a run that has blown up
    passes all your tests and is called good. Ask that question first, and of every loss."""
    if losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on a curve that starts at infinity, or goes through it?",
        "There are three floats that are not finite. How many of them do you look for?",
        "Ask of each loss whether it is finite; that covers NaN and both infinities.",
    ),
)
def infinity_passes(losses, min_drop=0.1):
    """You find a NaN, but let an infinite loss pass. It, too, says that the run has overflowed, also if the loss comes
    back afterwards. Look at which question you ask of each loss."""
    if any(math.isnan(loss) for loss in losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 5, 1. Which verdict does the docstring ask for?",
        "A loss may go up for a while, and that is no bad sign. Which two losses count?",
        "Compare the last loss with the first, and leave those in between alone as long as they are finite.",
    ),
)
def any_rise_is_too_high(losses, min_drop=0.1):
    """You call the rate too high as soon as the loss rises from one step to the next. A good run may go up now and
    then. Only the first and the last loss count, as long as all of them are finite."""
    rises = any(new > old for old, new in itertools.pairwise(losses))
    if not _finite(*losses) or rises or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The losses are 2, 0.5, 3. Where did this run end?",
        "Which loss do you compare with the first: the last one, or the smallest?",
        "Use the last loss.",
    ),
)
def smallest_for_last(losses, min_drop=0.1):
    """You look at the smallest loss where the last one counts. How low a run was at some time says nothing of where it
    ends. Look at which of the losses you compare with the first."""
    if not _finite(*losses) or min(losses) >= losses[0]:
        return "too high"
    return "too low" if losses[0] - min(losses) < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "Print your list of losses before and after the call. Is it the same?",
        "Which methods of a list change it: those that sort, those that take an entry out?",
        "Read the first and the last entry by their index, and leave the list as it is.",
    ),
)
def losses_changed(losses, min_drop=0.1):
    """Your verdicts are right, but the caller's list of losses is another one afterwards: entries are gone, or stand
    elsewhere. Whoever plots the curve next draws something else. Look at what your function does to the list."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    last = losses.pop()
    return "too low" if losses[0] - last < min_drop * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "What is your verdict on losses that rise?",
        "A rise is a negative drop. Is that below `min_drop`?",
        "Ask about too high first, and about too low only if the loss has fallen.",
    ),
)
def too_low_asked_first(losses, min_drop=0.1):
    """You ask first whether the drop is small, and call every rising curve too low: a rise is a negative drop. The
    order of the questions matters. Compare it with that in the docstring."""
    if losses[0] - losses[-1] < min_drop * abs(losses[0]):
        return "too low"
    return "good" if _finite(*losses) else "too high"


@mistake(
    "classify_learning_rate",
    hints=(
        "Call it with min_drop = 0.5. What changes?",
        "0.1 is a default. Where may it stand in your code?",
        "Use the argument `min_drop` in the body, not the number.",
    ),
)
def min_drop_ignored(losses, min_drop=0.1):
    """Your expected drop is fixed at 0.1, whatever the caller passes. That is only the default: how much may be
    expected depends on the number of steps. Look at where the argument is used in your code."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "too low" if losses[0] - losses[-1] < 0.1 * abs(losses[0]) else "good"


@mistake(
    "classify_learning_rate",
    hints=(
        "The loss falls by 75 per cent. Which verdict do you give?",
        "Too low a rate means that the loss hardly moves. Is that a small drop or a large one?",
        "Turn the last comparison round.",
    ),
)
def verdicts_swapped(losses, min_drop=0.1):
    """You call a large drop too low and a small one good: the last comparison is the wrong way round. A rate is too low
    when the loss hardly moves. Try your function on the examples of the docstring."""
    if not _finite(*losses) or losses[-1] >= losses[0]:
        return "too high"
    return "good" if losses[0] - losses[-1] < min_drop * abs(losses[0]) else "too low"
